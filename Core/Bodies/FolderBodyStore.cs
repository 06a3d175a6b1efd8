using System.Runtime.CompilerServices;
using EmailIngestion.Configuration;
using EmailIngestion.Messages;
using EmailIngestion.Storage;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Bodies;

/// <summary>
/// Bodies in a folder that pollers and consumers share. Each is written under a temporary name, synced and renamed, so a name has a
/// complete body or none.
/// </summary>
internal sealed class FolderBodyStore(BodiesOptions options, BodyScope scope, ILogger logger) : IBodyStore
{
    private readonly BodyFolder _folder = new(options.Folder, UnixMode.Parse(options.FolderMode));
    private readonly UnixFileMode _fileMode = UnixMode.Parse(options.FileMode);
    private bool _warned;

    public BodyStoreKind Kind => BodyStoreKind.Folder;

    public async ValueTask<BodyReference> NameAsync(EmailId id, long size, string sha256, CancellationToken cancellationToken) =>
        new(Kind, BodyName.Of(await ScopeAsync(cancellationToken), id, sha256), size, sha256);

    public async Task WriteAsync(BodyReference body, Stream content, CancellationToken cancellationToken)
    {
        var path = _folder.Of(body.Name);
        Try(body.Name, "written", () =>
        {
            RequireMark(BodyName.Scope(body.Name));
            WarnUnless(_folder.Create(_folder.Incoming(BodyName.Scope(body.Name))));
            WarnUnless(_folder.Create(Path.GetDirectoryName(path)!));
        });
        var temporary = Path.Combine(_folder.Incoming(BodyName.Scope(body.Name)), $"{Guid.NewGuid():N}.tmp");
        // A source that fails is not the store's fault, and it may fail with an IOException too.
        var source = new BodySource(content);
        try
        {
            var (file, keepsMode) = PrivateFiles.Create(temporary, _fileMode, useAsync: true);
            await using (file)
            {
                WarnUnless(keepsMode);
                await source.CopyToAsync(file, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
            FolderSync.Run(Path.GetDirectoryName(path)!);
        }
        catch (Exception e) when (IsOfStore(e) && !source.HasFailed)
        {
            throw Unavailable(body.Name, "written", e);
        }
        finally
        {
            DeleteTemporary(temporary);
        }
    }

    public Task<Stream> OpenAsync(BodyReference body, CancellationToken cancellationToken)
    {
        try
        {
            var file = new FileStream(
                _folder.Of(body.Name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, FileOptions.Asynchronous);
            return Task.FromResult<Stream>(new VerifiedBody(file, body, e => IsOfStore(e) ? Unavailable(body.Name, "read", e) : null));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            RequireMark(BodyName.Scope(body.Name));
            throw new BodyStoreException(BodyFailure.Missing, $"Body {body.Name} is not in Bodies:Folder {_folder.Root}.", e);
        }
        catch (Exception e) when (IsOfStore(e))
        {
            throw Unavailable(body.Name, "read", e);
        }
    }

    public Task DeleteAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        foreach (var name in names)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Try(name, "deleted", () =>
            {
                if (Directory.Exists(Path.GetDirectoryName(_folder.Of(name))))
                    File.Delete(_folder.Of(name));
                else
                    RequireMark(BodyName.Scope(name));
            });
        }

        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<StoredBody> ListAsync(
        DateTimeOffset before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var own = await ScopeAsync(cancellationToken);
        foreach (var folder in FoldersOf(own))
        {
            foreach (var body in BodiesOf(own, folder))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (body.WrittenAt < before)
                    yield return body;
            }
        }
    }

    public Task<DateTimeOffset?> WrittenAtAsync(string name, CancellationToken cancellationToken)
    {
        DateTimeOffset? at = null;
        Try(name, "read", () => at = new FileInfo(_folder.Of(name)) is { Exists: true } file ? file.LastWriteTimeUtc : null);
        return Task.FromResult(at);
    }

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var own = await ScopeAsync(cancellationToken);
        Try(own, "checked", () =>
        {
            RequireMark(own);
            PrivateFiles.Try(_folder.Incoming(own));
        });
    }

    private async Task<string> ScopeAsync(CancellationToken cancellationToken) => await scope.ReadAsync(
        fresh =>
        {
            Try(fresh, "prepared", () => _folder.Prepare(fresh));
            return Task.CompletedTask;
        },
        cancellationToken);

    private IReadOnlyList<string> FoldersOf(string own)
    {
        IReadOnlyList<string> folders = [];
        Try(own, "listed", () =>
        {
            RequireMark(own);
            folders = [.. Directory.EnumerateDirectories(_folder.Scope(own), "??")];
        });
        return folders;
    }

    private IReadOnlyList<StoredBody> BodiesOf(string own, string folder)
    {
        IReadOnlyList<StoredBody> bodies = [];
        Try(own, "listed", () => bodies =
        [
            .. new DirectoryInfo(folder).EnumerateFiles()
                .Select(file => (Name: $"{own}/{file.Name}", File: file))
                .Where(body => BodyName.IsValid(body.Name) && body.File.Exists)
                .Select(body => new StoredBody(body.Name, body.File.Length, body.File.LastWriteTimeUtc)),
        ]);
        return bodies;
    }

    // Redis knows the scope, so the folder had it once.
    private void RequireMark(string own)
    {
        if (!_folder.Has(own))
        {
            throw new BodyStoreException(
                BodyFailure.Unavailable,
                $"Bodies:Folder {_folder.Root} does not have the folder {own} of this system: every poller and consumer needs the same "
                    + "volume, and it must be mounted.");
        }
    }

    private void Try(string name, string what, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (IsOfStore(e))
        {
            throw Unavailable(name, what, e);
        }
    }

    private BodyStoreException Unavailable(string name, string what, Exception error) =>
        new(BodyFailure.Unavailable, $"Body {name} cannot be {what} in Bodies:Folder {_folder.Root}: {PrivateFiles.Reason(error)}", error);

    private static bool IsOfStore(Exception error) => error is IOException or UnauthorizedAccessException;

    private static void DeleteTemporary(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (IsOfStore(e))
        {
            // The orphan pass deletes it later.
        }
    }

    // Warns once: a share that does not keep permissions keeps them for no file.
    private void WarnUnless(bool keepsMode)
    {
        if (!keepsMode && !Interlocked.Exchange(ref _warned, true))
            Log.ModeNotKept(logger, _folder.Root);
    }
}
