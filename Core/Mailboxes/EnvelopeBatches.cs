namespace EmailIngestion.Mailboxes;

/// <summary>Divides emails into batches that are fetched together, by their number and the bytes that the server announces. Pure.</summary>
/// <param name="polling">The settings.</param>
/// <param name="fairPart">The most bytes to ask for together, so that several polls fit into the budget.</param>
internal sealed class EnvelopeBatches(PollingOptions polling, long fairPart)
{
    // What a batch holds in memory at most, unless one message alone is larger.
    private const long MaxBatchBytes = 16 * 1024 * 1024;

    /// <summary>The bytes to expect. Without a size an email may be as large as any.</summary>
    public long Announced(EmailEnvelope envelope) => envelope.Size ?? polling.MaxMessageBytes;

    /// <summary>The batches, in order.</summary>
    public IEnumerable<IReadOnlyList<EmailEnvelope>> Of(IReadOnlyList<EmailEnvelope> envelopes)
    {
        var largest = Math.Min(MaxBatchBytes, fairPart);
        var group = new List<EmailEnvelope>();
        long size = 0;
        foreach (var envelope in envelopes)
        {
            if (group.Count == polling.FetchBatch || (group.Count > 0 && size + Announced(envelope) > largest))
            {
                yield return group;
                group = [];
                size = 0;
            }

            group.Add(envelope);
            size += Announced(envelope);
        }

        if (group.Count > 0)
            yield return group;
    }
}
