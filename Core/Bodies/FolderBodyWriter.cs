using EmailIngestion.Storage;

namespace EmailIngestion.Bodies;

/// <summary>Writes a body to a temporary file, which its completion syncs and renames.</summary>
/// <param name="folder">The folder.</param>
/// <param name="requests">Turns failures into <see cref="BodyStoreException"/>.</param>
/// <param name="temporary">The path of the temporary file.</param>
/// <param name="file">The temporary file, open.</param>
/// <param name="created">Gets whether a folder that was created has its permissions.</param>
internal sealed class FolderBodyWriter(
    BodyFolder folder, FolderRequests requests, string temporary, FileStream file, Action<bool> created)
    : IBodyWriter
{
    private const string What = "written";

    private string _name = "of a large email";

    public async Task WriteAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        try
        {
            await file.WriteAsync(piece, cancellationToken);
        }
        catch (Exception e) when (requests.FailureOf(e, _name, What) is { } failure)
        {
            throw failure;
        }
    }

    public Task CompleteAsync(BodyReference body, CancellationToken cancellationToken)
    {
        _name = body.Name;
        requests.Run(_name, What, () =>
        {
            requests.RequireMark(BodyName.Scope(_name));
            file.Flush(flushToDisk: true);
            file.Dispose();
            var path = folder.Of(_name);
            created(folder.Create(Path.GetDirectoryName(path)!));
            File.Move(temporary, path, overwrite: true);
            FolderSync.Run(Path.GetDirectoryName(path)!);
        });
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        try
        {
            file.Dispose();
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The orphan pass deletes it later.
        }

        return ValueTask.CompletedTask;
    }
}
