using EmailIngestion.Mailboxes.FollowUps;
using EmailIngestion.Mailboxes.SignIn;
using MailKit;
using MailKit.Net.Imap;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// A folder on an IMAP server, through MailKit. It reads by EXAMINE and BODY.PEEK, which mark nothing, and changes only what a call
/// of <see cref="CarryOut"/> says.
/// </summary>
/// <param name="options">The mailbox.</param>
/// <param name="serverTimeout">The timeout for an answer of the server.</param>
/// <param name="maxMessageBytes">The largest accepted message in bytes.</param>
/// <param name="idle">Idle connections to reuse; null: it opens its own.</param>
/// <param name="tokens">The access tokens of the account; null if it has a password.</param>
internal sealed class ImapMailbox(
    MailboxOptions options, TimeSpan serverTimeout, long maxMessageBytes, IdleSessions? idle = null, AccountTokens? tokens = null)
    : IMailbox
{
    private const int MaxHeaderBytes = 256 * 1024;

    private readonly AnnouncedSizes _announced = new(maxMessageBytes);
    private readonly SessionSource _source = new(options, serverTimeout, idle, tokens);

    private ImapSession? _session;
    private uint _uidValidity;
    private bool _isDiscarded;
    private ImapSearch? _search;
    private EnvelopeReader? _envelopes;

    public FolderState Open(CancellationToken cancellationToken)
    {
        Dispose();
        return Use(_source.Open(cancellationToken));
    }

    public FolderState? TryContinue() => _source.TryContinue() is { } session ? Use(session) : null;

    public IReadOnlyList<uint> SearchAfter(uint uid, CancellationToken cancellationToken)
    {
        var isFirst = Session.State.IsContinued;
        try
        {
            return OpenSearch.After(uid, cancellationToken);
        }
        // Nothing was asked over this connection when the folder was opened. It may have ended since the announcement.
        catch (Exception e) when (isFirst && ConnectionCut.Is(e) && !cancellationToken.IsCancellationRequested)
        {
            Reopen(cancellationToken);
            return OpenSearch.After(uid, cancellationToken);
        }
    }

    public IReadOnlyList<uint> ListFrom(uint uid, CancellationToken cancellationToken) => OpenSearch.ListFrom(uid, cancellationToken);

    public IReadOnlyList<uint> SearchReceived(DateOnly from, DateOnly? before, CancellationToken cancellationToken) =>
        OpenSearch.Received(from, before, cancellationToken);

    public IReadOnlyList<uint> SearchExisting(IReadOnlyList<uint> uids, CancellationToken cancellationToken) =>
        OpenSearch.Existing(uids, cancellationToken);

    public bool IsOpen => _session is not null;
    public bool CanFetchAtOnce => Session.CanFetch;

    public FetchAnswer FetchSmall(SmallEmails emails, CancellationToken cancellationToken)
    {
        var limits = ResponseLimits.Bodies([.. emails.Uids.Select(_ => emails.MaxBytes)], emails.MaxBytes);
        var answer = Fetch(emails, limits, cancellationToken);
        _announced.Note(emails.Envelopes);
        return answer;
    }

    public FetchAnswer FetchWhole(WholeEmails emails, CancellationToken cancellationToken) =>
        Fetch(emails, _announced.LimitsOf(emails.Uids), cancellationToken);

    public IReadOnlyList<EmailEnvelope> FetchEnvelopes(IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        var envelopes = Envelopes.Read(uids, cancellationToken);
        _announced.Note(envelopes);
        return envelopes;
    }

    public void FetchBodies(IReadOnlyList<uint> uids, Action<uint, Stream> received, CancellationToken cancellationToken)
    {
        var asked = uids.ToHashSet();
        Session.Run(
            _announced.LimitsOf(uids),
            () =>
            {
                try
                {
                    ((ImapFolder)Folder).GetStreams([.. ImapSession.Set(uids)], (_, _, uid, stream) =>
                    {
                        if (asked.Contains(uid.Id))
                            received(uid.Id, stream);
                        // Returns the stream's blocks now instead of at the end of the connection.
                        stream.Dispose();
                    });
                }
                catch (ImapCommandException e) when (Session.IsOfTheMessage(e))
                {
                    // One email that the server cannot return makes the whole answer NO. The emails before it have been received, and the
                    // caller requests the rest again.
                    Discard();
                }
            },
            cancellationToken);
    }

    public bool FetchBody(uint uid, BodySink sink, CancellationToken cancellationToken)
    {
        // A server may answer the whole body to a request for a part.
        var limits = _announced.LimitsOf([uid]);
        var folder = (StreamingFolder)Folder;
        folder.Sink = sink;
        try
        {
            return Session.Run(limits, () => folder.TryFetch(new UniqueId(uid), sink), cancellationToken);
        }
        // The server cannot return it, or knows no requests for a part.
        catch (ImapCommandException e) when (Session.IsOfTheMessage(e) || (sink.Count is not null && e.Response == ImapCommandResponse.Bad))
        {
            Discard();
            return false;
        }
        finally
        {
            folder.Sink = null;
        }
    }

    public ReadOnlyMemory<byte> FetchHeader(uint uid, CancellationToken cancellationToken)
    {
        try
        {
            return Session.Run(
                ResponseLimits.OneHeader,
                () =>
                {
                    using var stream = Folder.GetStream(new UniqueId(uid), "HEADER", 0, MaxHeaderBytes);
                    using var header = new MemoryStream();
                    stream.CopyTo(header);
                    return header.ToArray().AsMemory(0, (int)Math.Min(header.Length, MaxHeaderBytes));
                },
                cancellationToken);
        }
        catch (Exception e) when (e is MessageNotFoundException || (e is ImapCommandException refused && Session.IsOfTheMessage(refused)))
        {
            return default;
        }
    }

    public CarriedOut CarryOut(
        FollowUp followUp, uint uidValidity, IReadOnlyList<uint> uids, CopyJournal journal, CancellationToken cancellationToken) =>
        new ImapFollowUps(Session, OpenSearch).CarryOut(followUp, uidValidity, uids, journal, cancellationToken);

    public void Discard() => _isDiscarded = true;

    public void Dispose()
    {
        if (_isDiscarded)
            _session?.Dispose();
        else if (_session is { } session)
            _source.Return(session);
        (_session, _isDiscarded) = (null, false);
    }

    private FolderState Use(ImapSession session)
    {
        _session = session;
        _search = new ImapSearch(session);
        _uidValidity = session.State.UidValidity;
        return session.State;
    }

    private ImapSession Session => _session ?? throw new InvalidOperationException("The mailbox is not open.");

    private ImapSearch OpenSearch => _search ?? throw new InvalidOperationException("The mailbox is not open.");

    private EnvelopeReader Envelopes => _envelopes ??= new EnvelopeReader(() => Session, Reopen);

    private IMailFolder Folder => Session.Folder;

    private FetchAnswer Fetch(IFetchTarget emails, ResponseLimits limits, CancellationToken cancellationToken)
    {
        try
        {
            return Session.Fetch(emails, limits, cancellationToken);
        }
        catch (UnreadableAnswerException e)
        {
            Reopen(cancellationToken);
            return e.Answer;
        }
    }

    private void Reopen(CancellationToken cancellationToken) => this.Reopen(options.Name, _uidValidity, cancellationToken);
}
