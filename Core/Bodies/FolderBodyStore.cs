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
internal sealed class FolderBodyStore(BodyFolder folder, UnixFileMode fileMode, BodyScope scope, TimeProvider time, ILogger logger) : IBodyStore
{
    private readonly FolderRemoval _removal = new(folder, time);
    private bool _warned;

    public BodyStoreKind Kind => BodyStoreKind.Folder;

    public async ValueTask<BodyReference> NameAsync(EmailId id, long size, string sha256, CancellationToken cancellationToken) =>
        new(Kind, BodyName.Of(await ScopeAsync(cancellationToken), id, sha256), size, sha256);

    public async Task WriteAsync(BodyReference body, Stream content, CancellationToken cancellationToken)
    {
        var path = folder.Of(body.Name);
        Try(body.Name, "written", () =>
        {
            RequireMark(BodyName.Scope(body.Name));
            WarnUnless(folder.Create(folder.Incoming(BodyName.Scope(body.Name))));
            WarnUnless(folder.Create(Path.GetDirectoryName(path)!));
        });
        var temporary = Path.Combine(folder.Incoming(BodyName.Scope(body.Name)), $"{Guid.NewGuid():N}.tmp");
        // A source that fails is not the store's fault, and it may fail with an IOException too.
        var source = new BodySource(content);
        try
        {
            var (file, keepsMode) = PrivateFiles.Create(temporary, fileMode, useAsync: true);
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
        Stream? file = null;
        Try(body.Name, "read", () =>
        {
            var path = folder.Of(body.Name);
            // A delete that was too late moves a file aside and back.
            file = Open(path) ?? (_removal.Find(body.Name) is { } aside ? Open(aside) : null) ?? Open(path);
            if (file is null)
                RequireMark(BodyName.Scope(body.Name));
        });
        return file is not null
            ? Task.FromResult<Stream>(new VerifiedBody(file, body, e => IsOfStore(e) ? Unavailable(body.Name, "read", e) : null))
            : throw new BodyStoreException(BodyFailure.Missing, $"Body {body.Name} is not in Bodies:Folder {folder.Root}.");
    }

    public Task<StoredBody?> FindAsync(string name, CancellationToken cancellationToken)
    {
        StoredBody? found = null;
        Try(name, "read", () =>
        {
            if (Directory.Exists(Path.GetDirectoryName(folder.Of(name))))
                found = BodyFolder.Describe(name, new FileInfo(folder.Of(name)));
            else
                RequireMark(BodyName.Scope(name));
        });
        return Task.FromResult(found);
    }

    public Task<bool> DeleteAsync(StoredBody body, CancellationToken cancellationToken)
    {
        var deleted = false;
        Try(body.Name, "deleted", () => deleted = _removal.TryDelete(body));
        return Task.FromResult(deleted);
    }

    public async IAsyncEnumerable<StoredBody> ListAsync(
        DateTimeOffset before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var own = await ScopeAsync(cancellationToken);
        foreach (var path in FoldersOf(own))
        {
            foreach (var body in BodiesOf(own, path))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (body.WrittenAt < before)
                    yield return body;
            }
        }
    }

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var own = await ScopeAsync(cancellationToken);
        Try(own, "checked", () =>
        {
            RequireMark(own);
            PrivateFiles.Try(folder.Incoming(own));
        });
    }

    private async Task<string> ScopeAsync(CancellationToken cancellationToken) => await scope.ReadAsync(
        fresh =>
        {
            Try(fresh, "prepared", () => folder.Prepare(fresh));
            return Task.CompletedTask;
        },
        cancellationToken);

    private IReadOnlyList<string> FoldersOf(string own)
    {
        IReadOnlyList<string> folders = [];
        Try(own, "listed", () =>
        {
            RequireMark(own);
            _removal.RestoreLeft(own);
            folder.DeleteLeft(own, time.GetUtcNow());
            folders = [.. Directory.EnumerateDirectories(folder.Scope(own), "??")];
        });
        return folders;
    }

    private IReadOnlyList<StoredBody> BodiesOf(string own, string path)
    {
        IReadOnlyList<StoredBody> bodies = [];
        Try(own, "listed", () => bodies = BodyFolder.Bodies(own, path));
        return bodies;
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

    // Redis knows the scope, so the folder had it once.
    private void RequireMark(string own)
    {
        if (!folder.Has(own))
        {
            throw new BodyStoreException(
                BodyFailure.Unavailable,
                $"Bodies:Folder {folder.Root} does not have the folder {own} of this system: every poller and consumer needs the same "
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
        new(BodyFailure.Unavailable, $"Body {name} cannot be {what} in Bodies:Folder {folder.Root}: {PrivateFiles.Reason(error)}", error);

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
            Log.ModeNotKept(logger, folder.Root);
    }
}
