namespace EmailIngestion.Mailboxes;

/// <summary>Divides emails into batches for the fetch, by their count and their announced sizes. Pure.</summary>
/// <param name="polling">The settings.</param>
/// <param name="fairPart">The largest batch in bytes with which several polls fit into the budget.</param>
internal sealed class EnvelopeBatches(PollingOptions polling, long fairPart)
{
    // The largest batch, unless a single message is larger.
    private const long MaxBatchBytes = 16 * 1024 * 1024;

    /// <summary>The expected size in bytes. Without an announced size it is the largest size allowed.</summary>
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
