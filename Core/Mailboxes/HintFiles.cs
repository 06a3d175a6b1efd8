using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using EmailIngestion.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Stores the hints on disk, a file for each mailbox. With a hint, a poll can distinguish a Redis that lost its data from a first poll.
/// Files are written in the background, at most every two seconds. An unreadable or unwritable file is a warning, since hints are needed
/// only when Redis has lost data.
/// </summary>
internal sealed class HintFiles(IOptions<PollingOptions> options, TimeProvider time, ILogger<HintFiles> logger)
{
    private const int MaxBytes = 16 * 1024;
    private const int MaxNameLength = 200;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly string _folder = options.Value.HintFolder;
    private readonly Lock _gate = new();
    private readonly Lock _saving = new();
    private readonly ConcurrentDictionary<string, bool> _unreadable = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MailboxHint> _waiting = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _flush = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _writing = Task.CompletedTask;
    private bool _isWriting;

    // The mailboxes whose files could not be written, and the error. A full disk is one line, however many mailboxes there are, and a file
    // that cannot be written hides no other fault.
    private readonly Dictionary<string, int> _unwritable = new(StringComparer.Ordinal);

    /// <summary>The mailbox's file; null when hints are kept in memory only.</summary>
    public string? FileOf(string mailbox) =>
        _folder.Length == 0 ? null : Path.Combine(Path.GetFullPath(_folder), $"{Escape(mailbox)}.json");

    /// <summary>Reads the hint of an earlier process; null when there is no readable hint.</summary>
    public MailboxHint? Read(string mailbox)
    {
        if (FileOf(mailbox) is not { } file || !File.Exists(file))
            return null;
        try
        {
            if (new FileInfo(file).Length > MaxBytes)
                throw new InvalidDataException($"It is larger than {MaxBytes} bytes.");
            var hint = JsonSerializer.Deserialize(File.ReadAllBytes(file), HintJson.Default.MailboxHint);
            if (hint is null || hint.Mailbox != mailbox || hint.Epoch < 0 || hint.Settled > hint.Last)
                throw new InvalidDataException("It is not a valid hint of this mailbox.");
            return hint;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidDataException)
        {
            // It is read again until there is a hint.
            if (_unreadable.TryAdd(mailbox, true))
                Log.HintUnreadable(logger, mailbox, file, Messages.BoundedText.Line(e.Message));
            return null;
        }
    }

    /// <summary>Schedules the write of a hint.</summary>
    public void Write(MailboxHint hint)
    {
        if (_folder.Length == 0)
            return;
        lock (_gate)
        {
            _waiting[hint.Mailbox] = hint;
            if (_isWriting)
                return;
            _isWriting = true;
            _writing = Task.Run(WriteAsync);
        }
    }

    /// <summary>Writes it before this returns.</summary>
    public void WriteAtOnce(MailboxHint hint)
    {
        if (_folder.Length == 0)
            return;
        lock (_gate)
            _waiting.Remove(hint.Mailbox);
        Save(hint);
    }

    /// <summary>Writes all scheduled hints, at the end of the process.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        _flush.TrySetResult();
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task WriteAsync()
    {
        while (true)
        {
            MailboxHint[] hints;
            lock (_gate)
            {
                hints = [.. _waiting.Values];
                _waiting.Clear();
                _isWriting = hints.Length > 0;
            }

            if (hints.Length == 0)
                return;
            foreach (var hint in hints)
                Save(hint);
            await ((Task)_flush.Task).WaitAsync(Pause, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Save(MailboxHint hint)
    {
        var file = FileOf(hint.Mailbox)!;
        lock (_saving)
        {
            try
            {
                PrivateFiles.CreateFolder(_folder, UnixMode.OwnersFolder);
                PrivateFiles.Write(file, JsonSerializer.SerializeToUtf8Bytes(hint, HintJson.Default.MailboxHint));
                _unwritable.Remove(hint.Mailbox);
            }
            catch (Exception e)
            {
                // Any failure: the hints of other mailboxes and later hints must still be written.
                if (!_unwritable.ContainsValue(e.HResult))
                    Log.HintUnwritable(logger, file, Messages.BoundedText.Line(e.Message));
                _unwritable[hint.Mailbox] = e.HResult;
            }
        }
    }

    // A readable file name that cannot lead into another folder.
    private static string Escape(string mailbox)
    {
        var name = new StringBuilder();
        foreach (var one in Encoding.UTF8.GetBytes(mailbox))
        {
            if (char.IsAsciiLetterOrDigit((char)one) || one is (byte)'@' or (byte)'-' or (byte)'_' or (byte)'.')
                name.Append((char)one);
            else
                name.Append('%').Append(one.ToString("X2", CultureInfo.InvariantCulture));
        }

        if (name.Length <= MaxNameLength)
            return name.ToString();
        var digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(mailbox)))[..16];
        return $"{name.ToString(0, MaxNameLength - digest.Length - 1)}%{digest}";
    }
}
