using EmailIngestion.Configuration;

namespace EmailIngestion.Bodies;

/// <summary>
/// Local files for bodies that are too large for memory, while their emails are processed. A file has no name once it is open, so that a
/// crash leaves nothing, and no other process can read or change it.
/// </summary>
/// <param name="folder">The folder; it must exist.</param>
/// <param name="setting">The setting that names the folder, for error messages.</param>
/// <param name="limit">The most bytes of all files together. One body may exceed it when there is no other.</param>
internal sealed class BodySpool(string folder, string setting, long limit)
{
    private readonly Lock _gate = new();
    private long _used;

    // The body that waits. The others do not, or they would take every slot from emails that need no file.
    private (long Bytes, TaskCompletionSource Turn)? _waiting;

    /// <summary>The bytes of all files now.</summary>
    public long Used
    {
        get
        {
            lock (_gate)
                return _used;
        }
    }

    /// <summary>Makes an empty file for a body. One body at a time waits until it fits, and none passes it.</summary>
    /// <returns>Null when another body waits: then this one must come again.</returns>
    /// <exception cref="SpoolException">The file cannot be made.</exception>
    public async Task<SpooledBody?> TryCreateAsync(BodyReference body, CancellationToken cancellationToken)
    {
        if (!await TryEnterAsync(body.Size, cancellationToken))
            return null;
        try
        {
            return new SpooledBody(Open(), body, this);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Leave(body.Size);
            throw Failure(e);
        }
    }

    /// <summary>The failure of a file.</summary>
    public SpoolException Failure(Exception error) => new(
        $"Large emails cannot be kept in {setting} {folder} while they are processed: {PrivateFiles.Reason(error)}", error);

    /// <summary>Returns the room of a file that is closed.</summary>
    public void Leave(long bytes)
    {
        lock (_gate)
        {
            _used -= bytes;
            if (_waiting is not { } next || !Fits(next.Bytes))
                return;
            _waiting = null;
            // False: its wait was cancelled.
            if (next.Turn.TrySetResult())
                _used += next.Bytes;
        }
    }

    private async Task<bool> TryEnterAsync(long bytes, CancellationToken cancellationToken)
    {
        TaskCompletionSource turn;
        lock (_gate)
        {
            if (_waiting is { Turn.Task.IsCompleted: false })
                return false;
            if (Fits(bytes))
            {
                _used += bytes;
                return true;
            }

            turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting = (bytes, turn);
        }

        await using var cancelled = cancellationToken.Register(() => turn.TrySetCanceled(cancellationToken));
        await turn.Task;
        return true;
    }

    private bool Fits(long bytes) => _used == 0 || _used + bytes <= limit;

    // On Windows the file is deleted when it is closed.
    private FileStream Open()
    {
        var path = Path.Combine(folder, $".email-ingestion-{Guid.NewGuid():N}.tmp");
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 0,
        };
        if (OperatingSystem.IsWindows())
        {
            options.Options = FileOptions.DeleteOnClose;
            return new FileStream(path, options);
        }

        options.UnixCreateMode = UnixMode.OwnersFile;
        var file = new FileStream(path, options);
        try
        {
            File.Delete(path);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
