using System.Buffers;
using System.Runtime.CompilerServices;
using EmailIngestion.Configuration;
using EmailIngestion.Messages;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Bodies;

/// <summary>
/// Bodies in a folder that pollers and consumers share. Each is written under a temporary name, synced and renamed, so a name has a
/// complete body or none.
/// </summary>
internal sealed class FolderBodyStore(BodyFolder folder, UnixFileMode fileMode, BodyScope scope, TimeProvider time, ILogger logger)
    : IBodyStore
{
    private const int BufferBytes = 64 * 1024;

    private readonly FolderRequests _requests = new(folder);
    private readonly FolderRemoval _removal = new(folder, time);
    private bool _warned;

    /// <summary>Opens the store that the settings describe. It uses no file yet.</summary>
    public static FolderBodyStore Open(BodiesOptions options, BodyScope scope, TimeProvider time, ILogger logger) => new(
        new BodyFolder(options.Folder, UnixMode.Parse(options.FolderMode)), UnixMode.Parse(options.FileMode), scope, time, logger);

    public BodyStoreKind Kind => BodyStoreKind.Folder;

    public Task<string> ScopeAsync(CancellationToken cancellationToken) => scope.ReadAsync(
        fresh =>
        {
            _requests.Run(fresh, "written", () => folder.Prepare(fresh));
            return Task.CompletedTask;
        },
        cancellationToken);

    public async ValueTask<BodyReference> NameAsync(EmailId id, long size, string sha256, CancellationToken cancellationToken) =>
        new(Kind, BodyName.Of(await ScopeAsync(cancellationToken), id, sha256), size, sha256);

    public async Task WriteAsync(BodyReference body, Stream content, CancellationToken cancellationToken)
    {
        await using var writer = Begin(BodyName.Scope(body.Name), body.Name);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            // A source that fails is not the store's fault, and it may fail with an IOException too.
            while (await content.ReadAsync(buffer, cancellationToken) is var read and > 0)
                await writer.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        await writer.CompleteAsync(body, cancellationToken);
    }

    public async Task<IBodyWriter> BeginAsync(CancellationToken cancellationToken)
    {
        var own = await ScopeAsync(cancellationToken);
        return Begin(own, own);
    }

    public async Task<VerifiedBody> OpenAsync(BodyReference body, CancellationToken cancellationToken)
    {
        var file = _requests.Run(body.Name, "read", () =>
        {
            var path = folder.Of(body.Name);
            // A delete that was too late moves a file aside and back.
            return Open(path) ?? (_removal.Find(body.Name) is { } aside ? Open(aside) : null) ?? Open(path);
        });
        if (file is not null)
        {
            var length = _requests.Run(body.Name, "read", () => file.Length);
            return VerifiedBody.Open(file, length, body, e => _requests.FailureOf(e, body.Name, "read"));
        }

        await RequireStoreAsync(body.Name, cancellationToken);
        throw new BodyStoreException(BodyFailure.Missing, $"Body {body.Name} is not in Bodies:Folder {folder.Root}.");
    }

    public async Task<StoredBody?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var found = _requests.Run(name, "read", () => BodyFolder.Describe(name, new FileInfo(folder.Of(name))));
        if (found is null)
            await RequireStoreAsync(name, cancellationToken);
        return found;
    }

    public Task<bool> DeleteAsync(StoredBody body, CancellationToken cancellationToken) =>
        Task.FromResult(_requests.Run(body.Name, "deleted", () => _removal.TryDelete(body)));

    public async IAsyncEnumerable<StoredBody> ListAsync(
        DateTimeOffset before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var own = await ScopeAsync(cancellationToken);
        var parts = _requests.Run(own, "listed", () =>
        {
            _requests.RequireMark(own);
            _removal.RestoreLeft(own);
            folder.DeleteLeft(own, time.GetUtcNow());
            return folder.Parts(own);
        });
        foreach (var part in parts)
        {
            foreach (var body in _requests.Run(own, "listed", () => BodyFolder.Bodies(own, part)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return body;
            }
        }
    }

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var own = await ScopeAsync(cancellationToken);
        _requests.Run(own, "written", () =>
        {
            _requests.RequireMark(own);
            PrivateFiles.Try(folder.Incoming(own));
        });
    }

    // A body that is not there is missing only in the right store: the one that has the mark of the body's scope or of the present one.
    private async Task RequireStoreAsync(string name, CancellationToken cancellationToken)
    {
        if (!folder.Has(BodyName.Scope(name)))
            _requests.RequireMark(await ScopeAsync(cancellationToken));
    }

    private static FileStream? Open(string path)
    {
        try
        {
            return new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, FileOptions.Asynchronous);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private FolderBodyWriter Begin(string own, string name) => _requests.Run(name, "written", () =>
    {
        _requests.RequireMark(own);
        var incoming = folder.Incoming(own);
        WarnUnless(folder.Create(incoming));
        var temporary = Path.Combine(incoming, $"{Guid.NewGuid():N}.tmp");
        var (file, keepsMode) = PrivateFiles.Create(temporary, fileMode, useAsync: true);
        WarnUnless(keepsMode);
        return new FolderBodyWriter(folder, _requests, temporary, file, WarnUnless);
    });

    // Warns once: a share that does not keep permissions keeps them for no file.
    private void WarnUnless(bool keepsMode)
    {
        if (!keepsMode && !Interlocked.Exchange(ref _warned, true))
            Log.ModeNotKept(logger, folder.Root);
    }
}
