using System.Text;
using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.FollowUps;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>
/// A folder on a server that misbehaves as the test says. It keeps its state over connections, so the next poll finds it unchanged.
/// </summary>
internal sealed class ScriptedMailbox : IMailbox
{
    public SortedDictionary<uint, byte[]> Mails { get; } = [];

    public uint UidValidity { get; set; } = 1;

    /// <summary>UIDNEXT. Default: one above the highest UID.</summary>
    public uint? UidNext { get; set; }

    /// <summary>Whether the server sends no UIDNEXT.</summary>
    public bool IsWithoutUidNext { get; set; }

    /// <summary>Whether SEARCH answers OK and finds nothing.</summary>
    public bool SearchFindsNothing { get; set; }

    /// <summary>Whether UID FETCH n:* answers OK and names nothing.</summary>
    public bool ListsNothing { get; set; }

    /// <summary>The INTERNALDATE of all emails.</summary>
    public DateTimeOffset Received { get; } = TimeProvider.System.GetUtcNow();

    /// <summary>The UIDs that SEARCH lists and FETCH of envelopes leaves out.</summary>
    public HashSet<uint> WithoutEnvelope { get; } = [];

    /// <summary>The UIDs that SEARCH lists and FETCH of bodies leaves out.</summary>
    public HashSet<uint> WithoutBody { get; } = [];

    /// <summary>The wrong sizes that the server announces.</summary>
    public Dictionary<uint, long> Announced { get; } = [];

    /// <summary>Whether answers come from the highest UID down.</summary>
    public bool Backwards { get; set; }

    /// <summary>Whether each answer comes twice.</summary>
    public bool Twice { get; set; }

    /// <summary>The number of bodies after which the connection closes, once.</summary>
    public int? DiesAfterBodies { get; set; }

    /// <summary>The byte of a large email before which the connection closes.</summary>
    public int? DiesAtByte { get; set; }

    /// <summary>Runs when the folder is opened. It may throw.</summary>
    public Action Opening { get; set; } = () => { };

    /// <summary>Runs after a SEARCH is answered.</summary>
    public Action Searched { get; set; } = () => { };

    /// <summary>Runs after a SEARCH SINCE is answered.</summary>
    public Action SearchedSince { get; set; } = () => { };

    public ScriptedMailbox Fill(params IEnumerable<uint> uids)
    {
        foreach (var uid in uids)
            Mails[uid] = TestMail.Of((int)uid);
        return this;
    }

    public FolderState Open(CancellationToken cancellationToken)
    {
        Opening();
        return new FolderState(UidValidity, IsWithoutUidNext ? null : UidNext ?? Mails.Keys.LastOrDefault() + 1, Mails.Count);
    }

    public IReadOnlyList<uint> SearchAfter(uint uid, CancellationToken cancellationToken)
    {
        uint[] found = SearchFindsNothing ? [] : [.. Mails.Keys.Where(known => known > uid)];
        Searched();
        return found;
    }

    public IReadOnlyList<uint> ListFrom(uint uid, CancellationToken cancellationToken) =>
        ListsNothing ? [] : [.. Mails.Keys.Where(known => known >= uid || known == Mails.Keys.Last())];

    public IReadOnlyList<uint> SearchReceived(DateOnly from, DateOnly? before, CancellationToken cancellationToken)
    {
        var day = DateOnly.FromDateTime(Received.UtcDateTime);
        uint[] found = !SearchFindsNothing && day >= from && !(day >= before) ? [.. Mails.Keys] : [];
        SearchedSince();
        return found;
    }

    public IReadOnlyList<uint> SearchExisting(IReadOnlyList<uint> uids, CancellationToken cancellationToken) =>
        [.. uids.Where(Mails.ContainsKey)];

    public bool CanFetchAtOnce => false;

    public FetchAnswer FetchSmall(SmallEmails emails, CancellationToken cancellationToken) => throw new NotSupportedException();

    public FetchAnswer FetchWhole(WholeEmails emails, CancellationToken cancellationToken) => throw new NotSupportedException();

    public IReadOnlyList<EmailEnvelope> FetchEnvelopes(IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        return
        [
            .. Answers(uids.Where(uid => !WithoutEnvelope.Contains(uid)))
                .Select(uid => new EmailEnvelope(uid, Announced.GetValueOrDefault(uid, Mails[uid].Length), Received, null)),
        ];
    }

    public void FetchBodies(IReadOnlyList<uint> uids, Action<uint, Stream> received, CancellationToken cancellationToken)
    {
        foreach (var uid in Answers(uids.Where(uid => !WithoutBody.Contains(uid))))
        {
            if (DiesAfterBodies-- == 0)
                throw new IOException("The connection died.");
            received(uid, new MemoryStream(Mails[uid]));
        }
    }

    public bool FetchBody(uint uid, BodySink sink, CancellationToken cancellationToken)
    {
        if (WithoutBody.Contains(uid) || !Mails.TryGetValue(uid, out var body))
            return false;
        if (DiesAfterBodies-- == 0)
            throw new IOException("The connection died.");
        var part = sink.Count is { } count
            ? body.AsMemory((int)Math.Min(sink.Offset, body.Length))[..(int)Math.Min(count, Math.Max(0, body.Length - sink.Offset))]
            : body;
        if (sink.Begin(uid, sink.Offset, part.Length))
        {
            var sent = 0;
            foreach (var bytes in part.ToArray().Chunk(4096))
            {
                if ((sent += bytes.Length) > DiesAtByte)
                    throw new IOException("The connection died.");
                sink.Write(bytes);
            }
        }

        return true;
    }

    public ReadOnlyMemory<byte> FetchHeader(uint uid, CancellationToken cancellationToken)
    {
        if (!Mails.TryGetValue(uid, out var raw))
            return default;
        var text = Encoding.Latin1.GetString(raw);
        return Encoding.Latin1.GetBytes(text[..(text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)]);
    }

    /// <summary>Removes the emails, whatever the follow-up is.</summary>
    public CarriedOut CarryOut(
        FollowUp followUp, uint uidValidity, IReadOnlyList<uint> uids, CopyJournal journal, CancellationToken cancellationToken) =>
        new(uids.Count(Mails.Remove));

    public void Discard()
    {
    }

    public void Dispose()
    {
    }

    private IEnumerable<uint> Answers(IEnumerable<uint> uids)
    {
        var existing = uids.Where(Mails.ContainsKey);
        if (Backwards)
            existing = existing.Reverse();
        return Twice ? existing.SelectMany(uid => new[] { uid, uid }) : existing;
    }
}
