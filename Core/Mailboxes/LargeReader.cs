using EmailIngestion.Bodies;
using EmailIngestion.Streams;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Reads one large email and writes it to the store of bodies while it comes: in parts, and whole when the parts are in doubt. Blocks.
/// </summary>
internal sealed class LargeReader(
    IMailbox mailbox, PolledMailbox polled, MailboxCursor cursor, MailboxItems items, LargeStore store, PollingOptions polling,
    ILogger logger)
{
    // In parts, whole, and whole again.
    private const int MostPasses = 3;

    private readonly BodyPass _pass = new(mailbox, polled, polling, cursor, logger);
    private readonly IncompleteEmails _incomplete = new(mailbox, polling);

    /// <summary>What was written and is not appended yet; null when there is none.</summary>
    public BodyCopy? Copy { get; private set; }

    /// <summary>Reads the email. Null: the server does not return it.</summary>
    /// <exception cref="BodyStoreException">The store does not take it.</exception>
    public FetchedEmail? Read(EmailEnvelope envelope, PieceBuffers buffers, bool isLastAttempt, CancellationToken cancellationToken)
    {
        var inParts = envelope.Size > BodyPass.PartBytes && polled.Parts != PartialFetch.Wrong;
        (long Length, byte[] Sha256, bool InParts)? former = null;
        for (var passes = 0; passes < MostPasses; passes++)
        {
            var copy = Copy = new BodyCopy(buffers, store.BeginUpload(), store.Waits, cancellationToken);
            var verdict = _pass.Run(envelope, inParts, copy, cancellationToken);
            if (verdict == BodyVerdict.TooLarge)
                return Drop(_incomplete.Oversize(envelope with { Size = _pass.TooLargeBytes }, cancellationToken));
            var answer = AnswerRule.Of(copy.Head.Span, copy.Length, envelope.Size);
            if (verdict == BodyVerdict.Nothing || (verdict == BodyVerdict.Whole && answer == Answer.Nothing))
                return Drop(null);
            if (verdict == BodyVerdict.Whole)
            {
                var isSame = former is { } one && one.Length == copy.Length && one.Sha256.AsSpan().SequenceEqual(copy.Sha256);
                if (former is { InParts: true })
                    NoteParts(envelope.Uid, isSame);
                // A server whose parts end early announces more than it returns in them, as one that miscounts does.
                var isDoubtful = answer != Answer.Whole
                    || (inParts && copy.Length < envelope.Size && (polled.Parts != PartialFetch.Right || _pass.EndsEarly));
                if (!isDoubtful || (isSame && (answer != Answer.Fragment || isLastAttempt)))
                    return Accept(envelope, copy, answer);
            }

            former = verdict == BodyVerdict.Whole ? (copy.Length, copy.Sha256, inParts) : (-1, [], true);
            inParts = false;
            Drop(null);
        }

        return null;
    }

    /// <summary>Deletes what is not appended.</summary>
    /// <returns>Whether the buffers are free: a call to the store that was given up may still read them.</returns>
    public bool End()
    {
        var copy = Copy;
        Copy = null;
        copy?.End();
        return copy?.Failure is null;
    }

    private FetchedEmail Accept(EmailEnvelope envelope, BodyCopy copy, Answer answer)
    {
        if (answer != Answer.Whole)
            Log.ShorterThanAnnounced(logger, polled.Name, envelope.Uid, copy.Length, envelope.Size!.Value);
        return copy.IsStreamed
            ? new FetchedEmail(envelope, copy.Head) { Streamed = copy.Complete(items.IdOf(envelope.Uid)) }
            : Drop(new FetchedEmail(envelope, copy.Head))!;
    }

    private void NoteParts(uint uid, bool areRight)
    {
        polled.Parts = areRight ? PartialFetch.Right : PartialFetch.Wrong;
        if (!areRight)
            Log.PartsWrong(logger, polled.Name, uid);
    }

    private FetchedEmail? Drop(FetchedEmail? instead)
    {
        End();
        return instead;
    }
}
