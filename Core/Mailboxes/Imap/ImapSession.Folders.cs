using MailKit;
using MailKit.Net.Imap;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>Opens folders, and keeps the connection alive while nothing is read.</summary>
internal sealed partial class ImapSession
{
    // For an idle connection that may be dead. A new one costs less than a longer wait.
    private static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(10);

    private readonly HashSet<string> _opened = new(StringComparer.Ordinal);
    private IMailFolder? _folder;
    private bool _hasNextUid;
    private string? _announced;

    /// <summary>The open folder.</summary>
    public IMailFolder Folder => _folder ?? throw new InvalidOperationException("The mailbox is not open.");

    /// <summary>Whether the server has IDLE (RFC 2177).</summary>
    public bool HasIdle => _client.Capabilities.HasFlag(ImapCapabilities.Idle);

    /// <summary>The state of the open folder.</summary>
    public FolderState State => new(Folder.UidValidity, _hasNextUid ? Folder.UidNext?.Id : null, Folder.Count)
    {
        IsContinued = _announced is not null,
    };

    /// <inheritdoc cref="ServerText.Warned"/>
    public event Action? Warned
    {
        add => _words.Warned += value;
        remove => _words.Warned -= value;
    }

    /// <summary>Whether a folder was opened on this connection before.</summary>
    public bool HasOpened(string folder) => _opened.Contains(folder);

    /// <summary>
    /// Whether the folder is open, and the last that happened is that the server announced an email in it. What an opening would tell is
    /// known then: the UIDVALIDITY of an open folder does not change (RFC 3501, 2.3.1.1), and the number of emails has come.
    /// </summary>
    public bool HasAnnounced(string folder) => _announced == folder && Folder.Count is >= 0 and <= ResponseLimits.MostListed;

    /// <summary>Notes that the server announced an email in the open folder.</summary>
    public void NoteAnnouncement(string folder)
    {
        // MailKit still has the UIDNEXT of the opening.
        _hasNextUid = false;
        _announced = folder;
    }

    /// <summary>Opens a folder.</summary>
    /// <exception cref="MailboxException">The folder cannot be opened; the message is one line for a person.</exception>
    public void OpenFolder(string folder, CancellationToken cancellationToken)
    {
        // MailKit keeps the UIDNEXT of the first opening if the server does not send it again.
        var isFirst = _opened.Add(folder);
        _words.Record();
        _folder = _folders.Open(folder, _options.Username, cancellationToken);
        _hasNextUid = _words.HasRecorded("[UIDNEXT "u8) || isFirst;
    }

    /// <summary>The folders to which emails are moved.</summary>
    public ImapTargets Targets => field ??= new ImapTargets(this, _client);

    /// <summary>Opens the open folder again, for writing. The server may open it read-only nevertheless.</summary>
    public void OpenForWriting(CancellationToken cancellationToken) => Run(
        ResponseLimits.Command,
        () =>
        {
            // Without EXPUNGE: emails that others have marked as deleted stay.
            if (Folder.IsOpen)
                Folder.Close(expunge: false);
            Folder.Open(FolderAccess.ReadWrite);
        },
        cancellationToken);

    /// <summary>Asks the server whether the connection is alive.</summary>
    /// <exception cref="MailboxException">It does not answer soon.</exception>
    public void Check(CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(CheckTimeout);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            Run(ResponseLimits.Command, () => _client.NoOp(CancellationToken.None), either.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MailboxException($"{Server} does not answer on an idle connection.", e);
        }
    }

    /// <summary>Lets the server send what happens in the open folder (IDLE). After a refusal the connection has no IDLE any more.</summary>
    /// <param name="done">Ends it in an orderly way: the server has to answer soon.</param>
    /// <param name="cancellationToken">Closes the connection at once.</param>
    /// <exception cref="MailboxException">The server throttles or does not answer.</exception>
    public async Task IdleAsync(CancellationToken done, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        await using var ending = done.Register(() => late.CancelAfter(CheckTimeout));
        _words.Watch.Expect(ResponseLimits.Command);
        (_isInOrder, _announced) = (false, null);
        try
        {
            await _connection.RunAsync(() => _client.IdleAsync(done, either.Token), either.Token);
            _isInOrder = true;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MailboxException($"{Server} does not answer the end of IDLE.", e);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Refusal(e) is { IsThrottling: true } refusal)
        {
            throw new MailboxThrottledException($"{Server} throttles {_options.Username}: {refusal.Text}", refusal.BackOff, e);
        }
        catch (ImapCommandException e) when (e.Response == ImapCommandResponse.No)
        {
            // The server announces IDLE and does not let this account or folder have it.
            _client.Capabilities &= ~ImapCapabilities.Idle;
            _isInOrder = true;
        }
    }
}
