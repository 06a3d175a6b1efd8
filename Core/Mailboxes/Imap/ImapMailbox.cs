using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>A folder on an IMAP server, through MailKit. Read-only: EXAMINE and BODY.PEEK, so nothing is marked, moved or deleted.</summary>
internal sealed class ImapMailbox(MailboxOptions options, TimeSpan serverTimeout, long maxMessageBytes) : IMailbox
{
    private const int MaxHeaderBytes = 256 * 1024;

    // UIDs that a folder may have got since it told how many emails it holds.
    private const uint NewMeanwhile = 10_000;

    // More than the emails that are asked for ahead of their bodies.
    private const int KeptSizes = 100_000;

    private readonly Dictionary<uint, long> _announced = [];

    private ImapSession? _session;

    // Once MailKit could not make a date of what the server gives.
    private bool _withoutDates;

    public FolderState Open(CancellationToken cancellationToken)
    {
        _session?.Dispose();
        var avoided = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        while (true)
        {
            _session = new ImapSession(options, serverTimeout, avoided);
            try
            {
                _session.Open(cancellationToken);
                return new FolderState(Folder.UidValidity, Folder.UidNext?.Id, Folder.Count);
            }
            catch (MailboxException) when (_session.InterruptedMechanism is { } mechanism && avoided.Add(mechanism))
            {
                // The server offers other mechanisms, which it may get right.
                _session.Dispose();
            }
        }
    }

    public IReadOnlyList<uint> SearchAfter(uint uid, CancellationToken cancellationToken)
    {
        if (uid == uint.MaxValue)
            return [];
        var listed = UidSearch.After(uid, Exists, Folder.UidNext?.Id, Search)
            ?? throw new MailboxException(
                $"{Session.Server} lists more than {UidSearch.MostInAll} emails to read. Mailboxes:n:StartFrom may be a later day.");
        // n:* always holds the last email, also when its UID is below n.
        return [.. listed.Where(found => found > uid)];

        uint[] Search(uint from, uint to) =>
            this.Search(SearchQuery.Uids(new UniqueIdRange(new UniqueId(from), new UniqueId(to))), cancellationToken);
    }

    public IReadOnlyList<uint> ListFrom(uint uid, CancellationToken cancellationToken)
    {
        var most = (int)Math.Min((long)Exists + NewMeanwhile, ResponseLimits.MostListed);
        try
        {
            var range = new UniqueIdRange(new UniqueId(uid), UniqueId.MaxValue);
            var listed = Session.Run(ResponseLimits.Envelopes(most), () => Folder.Fetch(range, MessageSummaryItems.UniqueId), cancellationToken);
            return UidSearch.Bounded(listed.Where(summary => summary.UniqueId.IsValid).Select(summary => summary.UniqueId.Id), most)
                ?? throw new ServerBoundException(Session.Server, $"a list of more than {most} UIDs for a folder of {Exists} emails");
        }
        catch (ImapCommandException e) when (e.Response == ImapCommandResponse.Bad || Session.IsOfTheMessage(e))
        {
            // A server that does not take this range names nothing by it.
            return [];
        }
    }

    public IReadOnlyList<uint> SearchSince(DateOnly day, CancellationToken cancellationToken) =>
        Search(SearchQuery.DeliveredAfter(day.ToDateTime(TimeOnly.MinValue)), cancellationToken);

    public IReadOnlyList<uint> SearchExisting(IReadOnlyList<uint> uids, CancellationToken cancellationToken) =>
        [.. Search(SearchQuery.Uids(Set(uids)), cancellationToken).Intersect(uids)];

    public IReadOnlyList<EmailEnvelope> FetchEnvelopes(IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        IReadOnlyList<IMessageSummary> summaries;
        try
        {
            summaries = FetchSummaries(uids, cancellationToken);
        }
        catch (ArgumentOutOfRangeException) when (!_withoutDates)
        {
            // A date that no calendar has: 31-Feb. The connection is closed by it.
            _withoutDates = true;
            Open(cancellationToken);
            summaries = FetchSummaries(uids, cancellationToken);
        }

        var asked = uids.ToHashSet();
        EmailEnvelope[] envelopes =
        [
            .. summaries
                .Where(summary => summary.UniqueId.IsValid && asked.Remove(summary.UniqueId.Id))
                .Select(summary => new EmailEnvelope(
                    summary.UniqueId.Id, summary.Size, Believable(summary.InternalDate), Session.IsGmail ? summary.GMailMessageId : null)),
        ];
        if (_announced.Count > KeptSizes)
            _announced.Clear();
        foreach (var envelope in envelopes)
            _announced[envelope.Uid] = envelope.Size ?? maxMessageBytes;
        return envelopes;
    }

    public void FetchBodies(IReadOnlyList<uint> uids, Action<uint, Stream> received, CancellationToken cancellationToken)
    {
        var asked = uids.ToHashSet();
        var announced = uids.Select(uid => _announced.GetValueOrDefault(uid, maxMessageBytes)).ToArray();
        Session.Run(
            ResponseLimits.Bodies(announced, maxMessageBytes),
            () =>
            {
                try
                {
                    ((ImapFolder)Folder).GetStreams([.. Set(uids)], (_, _, uid, stream) =>
                    {
                        if (asked.Contains(uid.Id))
                            received(uid.Id, stream);
                        // Its blocks go back at once, not when the connection ends.
                        stream.Dispose();
                    });
                }
                catch (ImapCommandException e) when (Session.IsOfTheMessage(e))
                {
                    // One message that the server cannot give makes its whole answer NO; what it gave before that has been handed over, and
                    // the rest is asked for again.
                }
            },
            cancellationToken);
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

    public void Dispose() => _session?.Dispose();

    private ImapSession Session => _session ?? throw new InvalidOperationException("The mailbox is not open.");

    private IMailFolder Folder => Session.Folder;

    // A count beyond two billion is negative for MailKit.
    private uint Exists => (uint)Folder.Count;

    // Servers without a date say 00-Jan-0000 or the beginning of their time.
    private static DateTimeOffset? Believable(DateTimeOffset? date) => date is { UtcDateTime.Year: > 1970 } told ? told.ToUniversalTime() : null;

    // NO to a range says nothing of the others in it: one by one, those that the server cannot speak of are missing from the answer.
    private IReadOnlyList<IMessageSummary> FetchSummaries(IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        var items = MessageSummaryItems.UniqueId | MessageSummaryItems.Size;
        if (!_withoutDates)
            items |= MessageSummaryItems.InternalDate;
        if (Session.IsGmail)
            items |= MessageSummaryItems.GMailMessageId;
        try
        {
            return [.. Session.Run(ResponseLimits.Envelopes(uids.Count), () => Folder.Fetch(Set(uids), items), cancellationToken)];
        }
        catch (ImapCommandException e) when (Session.IsOfTheMessage(e))
        {
            return uids.Count == 1 ? [] : [.. uids.SelectMany(uid => FetchSummaries([uid], cancellationToken))];
        }
    }

    private uint[] Search(SearchQuery query, CancellationToken cancellationToken)
    {
        var most = Math.Min((long)Exists + NewMeanwhile, ResponseLimits.MostListed);
        var found = Session.Run(ResponseLimits.Search(most), () => Folder.Search(query), cancellationToken);
        return UidSearch.Bounded(found.Select(uid => uid.Id), most)
            ?? throw new ServerBoundException(Session.Server, $"a list of more than {most} UIDs for a folder of {Exists} emails");
    }

    private static UniqueIdSet Set(IReadOnlyList<uint> uids) => new(uids.Select(uid => new UniqueId(uid)), SortOrder.Ascending);
}
