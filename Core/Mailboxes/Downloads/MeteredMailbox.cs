using EmailIngestion.Mailboxes.FollowUps;

namespace EmailIngestion.Mailboxes.Downloads;

/// <summary>A mailbox whose bodies are counted, as often as the server sends them: whole, in parts, and again.</summary>
internal sealed class MeteredMailbox(IMailbox inner, PollDownloads downloads) : IMailbox
{
    /// <summary>What may be fetched, and what was.</summary>
    public PollDownloads Downloads => downloads;

    public FolderState Open(CancellationToken cancellationToken) => inner.Open(cancellationToken);

    public bool IsOpen => inner.IsOpen;

    public IReadOnlyList<uint> SearchAfter(uint uid, CancellationToken cancellationToken) => inner.SearchAfter(uid, cancellationToken);

    public IReadOnlyList<uint> ListFrom(uint uid, CancellationToken cancellationToken) => inner.ListFrom(uid, cancellationToken);

    public IReadOnlyList<uint> SearchReceived(DateOnly from, DateOnly? before, CancellationToken cancellationToken) =>
        inner.SearchReceived(from, before, cancellationToken);

    public IReadOnlyList<uint> SearchExisting(IReadOnlyList<uint> uids, CancellationToken cancellationToken) =>
        inner.SearchExisting(uids, cancellationToken);

    public bool CanFetchAtOnce => inner.CanFetchAtOnce;

    // Not used where downloads are counted.
    public FetchAnswer FetchSmall(SmallEmails emails, CancellationToken cancellationToken) => inner.FetchSmall(emails, cancellationToken);

    public FetchAnswer FetchWhole(WholeEmails emails, CancellationToken cancellationToken)
    {
        try
        {
            return inner.FetchWhole(emails, cancellationToken);
        }
        finally
        {
            downloads.Receive(emails.Bytes);
        }
    }

    public IReadOnlyList<EmailEnvelope> FetchEnvelopes(IReadOnlyList<uint> uids, CancellationToken cancellationToken) =>
        inner.FetchEnvelopes(uids, cancellationToken);

    public void FetchBodies(IReadOnlyList<uint> uids, Action<uint, Stream> received, CancellationToken cancellationToken) =>
        inner.FetchBodies(
            uids,
            (uid, body) =>
            {
                downloads.Receive(body.Length);
                received(uid, body);
            },
            cancellationToken);

    public bool FetchBody(uint uid, BodySink sink, CancellationToken cancellationToken)
    {
        var before = sink.Received;
        try
        {
            return inner.FetchBody(uid, sink, cancellationToken);
        }
        finally
        {
            downloads.Receive(sink.Received - before);
        }
    }

    public ReadOnlyMemory<byte> FetchHeader(uint uid, CancellationToken cancellationToken) => inner.FetchHeader(uid, cancellationToken);

    public CarriedOut CarryOut(
        FollowUp followUp, uint uidValidity, IReadOnlyList<uint> uids, CopyJournal journal, CancellationToken cancellationToken) =>
        inner.CarryOut(followUp, uidValidity, uids, journal, cancellationToken);

    public void Discard() => inner.Discard();

    public void Dispose() => inner.Dispose();
}
