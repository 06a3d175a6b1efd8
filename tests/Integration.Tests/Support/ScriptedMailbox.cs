using System.Text;
using EmailIngestion.Mailboxes;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>A folder on a server that misbehaves as the test says. It outlives its connections, so the next poll finds it as it is.</summary>
internal sealed class ScriptedMailbox : IMailbox
{
    public SortedDictionary<uint, byte[]> Mails { get; } = [];

    public uint UidValidity { get; set; } = 1;

    /// <summary>UIDNEXT; unless set, one above the highest UID.</summary>
    public uint? UidNext { get; set; }

    /// <summary>It says no UIDNEXT.</summary>
    public bool IsWithoutUidNext { get; set; }

    /// <summary>SEARCH answers OK and finds nothing.</summary>
    public bool SearchFindsNothing { get; set; }

    /// <summary>UID FETCH n:* answers OK and names nothing.</summary>
    public bool ListsNothing { get; set; }

    /// <summary>INTERNALDATE of all.</summary>
    public DateTimeOffset Received { get; } = TimeProvider.System.GetUtcNow();

    /// <summary>Listed by SEARCH, and left out by FETCH of envelopes.</summary>
    public HashSet<uint> WithoutEnvelope { get; } = [];

    /// <summary>Listed by SEARCH, and left out by FETCH of bodies.</summary>
    public HashSet<uint> WithoutBody { get; } = [];

    /// <summary>Sizes that the server announces and that are wrong.</summary>
    public Dictionary<uint, long> Announced { get; } = [];

    /// <summary>Answers come from the highest UID down.</summary>
    public bool Backwards { get; set; }

    /// <summary>Each answer comes twice.</summary>
    public bool Twice { get; set; }

    /// <summary>The connection dies when it has given so many bodies; once.</summary>
    public int? DiesAfterBodies { get; set; }

    /// <summary>Happens when the folder is opened; it may throw.</summary>
    public Action Opening { get; set; } = () => { };

    /// <summary>Happens when a SEARCH has been answered.</summary>
    public Action Searched { get; set; } = () => { };

    /// <summary>Happens when a SEARCH SINCE has been answered.</summary>
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

    public IReadOnlyList<uint> SearchSince(DateOnly day, CancellationToken cancellationToken)
    {
        uint[] found = !SearchFindsNothing && DateOnly.FromDateTime(Received.UtcDateTime) >= day ? [.. Mails.Keys] : [];
        SearchedSince();
        return found;
    }

    public IReadOnlyList<uint> SearchExisting(IReadOnlyList<uint> uids, CancellationToken cancellationToken) =>
        [.. uids.Where(Mails.ContainsKey)];

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

    public ReadOnlyMemory<byte> FetchHeader(uint uid, CancellationToken cancellationToken)
    {
        if (!Mails.TryGetValue(uid, out var raw))
            return default;
        var text = Encoding.Latin1.GetString(raw);
        return Encoding.Latin1.GetBytes(text[..(text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)]);
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
