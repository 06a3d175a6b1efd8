using EmailIngestion.Mailboxes.Downloads;
using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Requests the data and the bodies of emails at once, while nearly all of them are small: half of the requests, and less work of both
/// sides. Only the beginning of each body is requested, so an answer is bounded before the sizes are known. Blocks.
/// </summary>
internal sealed class SmallFetcher(
    MeteredMailbox mailbox, MailboxMemory memory, PollingOptions polling, MailboxCursor cursor, BudgetShare bytes)
{
    // The work for larger emails depends on their bytes, not on the requests.
    private const int LargestSmall = 32 * 1024;

    // Requests in a row that broke the connection, or whose bodies had other sizes than announced: Exchange estimates the sizes.
    private const int MostFailures = 3;

    private readonly int _maxBytes = (int)Math.Min(LargestSmall, polling.MaxMessageBytes);
    private bool _areSmall = true;

    /// <summary>How many of these emails to fetch by the next request; 0: they are fetched by size.</summary>
    public int Next(int left)
    {
        // After a poll that stopped at an email, and within a download limit, each request has a reason to be small.
        var isPossible = _areSmall && memory.FailuresAtOnce < MostFailures && cursor.MissingUid is null && !mailbox.Downloads.IsLimited;
        return isPossible ? (int)Math.Min(Math.Min(left, polling.FetchBatch), bytes.FairPart / _maxBytes) : 0;
    }

    /// <summary>Begins a request, and waits for the memory of its answer.</summary>
    public SmallEmails Begin(IReadOnlyList<uint> uids, FetchedBatch batch, CancellationToken cancellationToken)
    {
        batch.Reserve((long)uids.Count * _maxBytes, cancellationToken);
        return new SmallEmails(uids, _maxBytes, batch);
    }

    /// <summary>Fetches the emails, as far as the server returns them.</summary>
    public void Fetch(SmallEmails emails, CancellationToken cancellationToken)
    {
        FetchAnswer answer;
        try
        {
            answer = mailbox.FetchSmall(emails, cancellationToken);
        }
        catch when (!cancellationToken.IsCancellationRequested)
        {
            // The connection may break at this request, whatever the emails are.
            memory.FailuresAtOnce++;
            throw;
        }

        if (answer == FetchAnswer.Unable)
            memory.FailuresAtOnce = MostFailures;
        else if (answer == FetchAnswer.Complete)
            memory.FailuresAtOnce = emails.AreMiscounted ? memory.FailuresAtOnce + 1 : 0;
        Note(emails.Bodies.Count, emails.Uids.Count);
    }

    /// <summary>Notes the data of emails that were fetched by size: the next ones may be small.</summary>
    public void Note(IReadOnlyCollection<EmailEnvelope> envelopes) =>
        Note(envelopes.Count(envelope => envelope.Size < _maxBytes), envelopes.Count);

    // A body that is not small is requested twice.
    private void Note(int small, int all) => _areSmall = 8 * small >= 7 * all;
}
