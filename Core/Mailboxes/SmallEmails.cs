namespace EmailIngestion.Mailboxes;

/// <summary>
/// Takes the answer to one request for the data and the beginnings of emails. A beginning that is shorter than requested, and as long as
/// the announced size, is the whole body. All other bodies are requested again.
/// </summary>
/// <param name="uids">The requested UIDs, ascending.</param>
/// <param name="maxBytes">The requested length of each beginning.</param>
/// <param name="batch">Holds the bodies.</param>
/// <param name="listing">Takes the UIDs that the server has, if they are not known yet; null otherwise.</param>
internal sealed class SmallEmails(IReadOnlyList<uint> uids, int maxBytes, FetchedBatch batch, UidsAbove? listing = null) : IFetchTarget
{
    private readonly HashSet<uint> _asked = [.. uids];
    private readonly Dictionary<uint, EmailEnvelope> _envelopes = new(uids.Count);
    private int _small;

    public IReadOnlyList<uint> Uids { get; private set; } = uids;

    public UidsAbove? Listing => listing;

    /// <summary>Holds the bodies.</summary>
    public FetchedBatch Batch => batch;

    public string Items => $"(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[]<0.{maxBytes}>)";

    /// <summary>The requested length of each beginning, in bytes.</summary>
    public long MaxBytes => maxBytes;

    /// <summary>The whole bodies, by UID.</summary>
    public Dictionary<uint, ReadOnlyMemory<byte>> Bodies { get; } = new(uids.Count);

    /// <summary>The data of all emails that the answer named.</summary>
    public IReadOnlyCollection<EmailEnvelope> Envelopes => _envelopes.Values;

    /// <summary>Whether most of the small bodies had another size than announced, or none was announced.</summary>
    public bool AreMiscounted => _small > 2 * Bodies.Count;

    /// <summary>Takes only those emails as requested that the server has listed by the same request.</summary>
    public void Narrow()
    {
        if (listing is not null)
            Uids = [.. listing.Found.TakeWhile(_asked.Contains)];
    }

    public ArraySegment<byte> Rent(int length) => batch.RentBody(length);

    public void See(ReadOnlySpan<byte> bytes)
    {
    }

    /// <summary>Takes the answer about one email. What was not requested, or has come before, is dropped.</summary>
    public void Receive(EmailEnvelope envelope, ReadOnlyMemory<byte>? body)
    {
        var isNew = _asked.Contains(envelope.Uid) && _envelopes.TryAdd(envelope.Uid, envelope);
        if (isNew && !(envelope.Size >= maxBytes))
            _small++;
        if (body is not { } received)
            return;
        if (isNew && received.Length > 0 && received.Length < maxBytes && received.Length == envelope.Size)
            Bodies.Add(envelope.Uid, received);
        else
            batch.ReturnLast(received.Length);
    }

    /// <summary>The first emails, up to the first one whose body is not whole.</summary>
    public IEnumerable<FetchedEmail> Whole() => Uids
        .TakeWhile(Bodies.ContainsKey)
        .Select(uid => new FetchedEmail(_envelopes[uid], Bodies[uid]));

    /// <summary>The emails behind the leading ones that have to be fetched by size. The first one behind them is always one.</summary>
    public IEnumerable<uint> Apart(int leading, Func<EmailEnvelope, bool> mayFollow) => Uids.Skip(leading).Where((uid, index) =>
        index == 0 || !(Bodies.ContainsKey(uid) || (_envelopes.TryGetValue(uid, out var envelope) && mayFollow(envelope))));

    /// <summary>
    /// The first emails of which the bodies are whole, or fit into these bytes beside the others. An email at which the answer has nothing
    /// ends them.
    /// </summary>
    public List<EmailEnvelope> Leading(long bytes, Func<EmailEnvelope, bool> mayFollow)
    {
        var leading = new List<EmailEnvelope>(Uids.Count);
        foreach (var uid in Uids)
        {
            if (!_envelopes.TryGetValue(uid, out var envelope))
                break;
            if (!Bodies.ContainsKey(uid) && !(envelope.Size <= bytes && mayFollow(envelope)))
                break;
            bytes -= envelope.Size ?? 0;
            leading.Add(envelope);
        }

        return leading;
    }
}
