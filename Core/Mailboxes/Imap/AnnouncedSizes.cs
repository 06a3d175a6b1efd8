namespace EmailIngestion.Mailboxes.Imap;

/// <summary>The sizes of emails that the server has announced. The limits of the answers with their bodies follow from them.</summary>
/// <param name="maxMessageBytes">The largest accepted message in bytes. It counts for an email without an announced size.</param>
internal sealed class AnnouncedSizes(long maxMessageBytes)
{
    // More than the emails whose envelopes are fetched ahead of their bodies.
    private const int Kept = 100_000;

    private readonly Dictionary<uint, long> _sizes = [];

    /// <summary>Notes the sizes of these emails.</summary>
    public void Note(IReadOnlyCollection<EmailEnvelope> envelopes)
    {
        if (_sizes.Count > Kept)
            _sizes.Clear();
        foreach (var envelope in envelopes)
            _sizes[envelope.Uid] = envelope.Size ?? maxMessageBytes;
    }

    /// <summary>The limits of an answer with the bodies of these emails.</summary>
    public ResponseLimits LimitsOf(IEnumerable<uint> uids) =>
        ResponseLimits.Bodies([.. uids.Select(uid => _sizes.GetValueOrDefault(uid, maxMessageBytes))], maxMessageBytes);
}
