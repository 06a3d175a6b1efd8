namespace EmailIngestion.Mailboxes;

/// <summary>Divides emails into batches for the fetch, by their count and their announced sizes. Pure.</summary>
/// <param name="polling">The settings.</param>
/// <param name="fairPart">The largest batch in bytes with which several polls fit into the budget.</param>
/// <param name="streamedFrom">The size in bytes from which an email goes to the store while it is fetched.</param>
internal sealed class EnvelopeBatches(PollingOptions polling, long fairPart, int streamedFrom)
{
    /// <summary>
    /// The largest batch in bytes, unless a single message is larger. <see cref="BodyBuffers"/> keeps the arrays of some batches of this
    /// size. With larger ones nearly every attachment is a new large object.
    /// </summary>
    public const long MaxBatchBytes = 4 * 1024 * 1024;

    /// <summary>The expected size in bytes. Without an announced size it is the largest size allowed.</summary>
    public long Announced(EmailEnvelope envelope) => envelope.Size ?? polling.MaxMessageBytes;

    /// <summary>The bytes that are fetched of it. Of an oversize email it is only the header, which does not count.</summary>
    public long Fetched(EmailEnvelope envelope) => Announced(envelope) is var size && size <= polling.MaxMessageBytes ? size : 0;

    /// <summary>Whether the email goes to the store while it is fetched. Such an email is a batch by itself.</summary>
    public bool IsStreamed(EmailEnvelope envelope) => Announced(envelope) >= streamedFrom && !(envelope.Size > polling.MaxMessageBytes);

    /// <summary>The batches, in order.</summary>
    public IEnumerable<IReadOnlyList<EmailEnvelope>> Of(IReadOnlyList<EmailEnvelope> envelopes)
    {
        var largest = Math.Min(MaxBatchBytes, fairPart);
        var group = new List<EmailEnvelope>();
        long size = 0;
        foreach (var envelope in envelopes)
        {
            var isFull = group.Count == polling.FetchBatch || size + Announced(envelope) > largest;
            if (group.Count > 0 && (isFull || IsStreamed(envelope) || IsStreamed(group[^1])))
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
