using System.Runtime.ExceptionServices;
using EmailIngestion.Bodies;
using EmailIngestion.Streams;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Fetches one large email at a time, and writes it to the store of bodies while it comes, so that the memory does not depend on its size.
/// Blocks.
/// </summary>
internal sealed class LargeFetcher(
    IMailbox mailbox, PolledMailbox polled, MailboxCursor cursor, MailboxItems items, LargeStore store, PollingOptions polling,
    ILogger logger)
{
    // In parts, whole, and whole again.
    private const int MostPasses = 3;

    private readonly BodyPass _pass = new(mailbox, polled.Name, polling, cursor, logger);
    private readonly IncompleteEmails _incomplete = new(mailbox, polling);

    // What was written and is not appended yet.
    private BodyCopy? _copy;

    /// <summary>The size in bytes from which an email is fetched this way.</summary>
    public int StreamedFrom => store.StreamedFrom;

    /// <summary>The memory for one email, in bytes.</summary>
    public long HeldBytes => store.HeadBytes + (2 * PieceBuffers.PieceBytes);

    /// <summary>Fetches an email, and adds to the batch what is to be appended, or why it cannot be stored now.</summary>
    /// <returns>False when the server does not return the email.</returns>
    public bool TryFetch(EmailEnvelope envelope, FetchedBatch batch, bool isLastAttempt, CancellationToken cancellationToken)
    {
        batch.Unstored = store.Wait(cancellationToken);
        if (batch.Unstored is not null)
            return true;
        if (store.TooLarge(envelope.Size ?? 0, cancellationToken) is var (isCertain, why))
        {
            var header = mailbox.FetchHeader(envelope.Uid, cancellationToken);
            if (isCertain)
                batch.Emails.Add(new FetchedEmail(envelope, header, Oversize(why)));
            else
                batch.Unstored = new Unstored(PollEnd.Stuck, why, items.Of(new FetchedEmail(envelope, header)));
            return true;
        }

        try
        {
            if (Read(envelope, Buffers(batch), isLastAttempt, cancellationToken) is not { } email)
                return false;
            batch.Emails.Add(email);
        }
        catch (BodyStoreException e)
        {
            batch.Unstored = Unstored(e, envelope, cancellationToken);
        }
        catch
        {
            End();
            throw;
        }

        return true;
    }

    /// <summary>
    /// Passes the batch on, and waits until its email is appended. The store then keeps the body; what was not appended is deleted.
    /// </summary>
    /// <returns>Whether to continue.</returns>
    public bool TryPassOn(
        EmailEnvelope envelope, FetchedBatch batch, Func<FetchedBatch, bool> fetched, CancellationToken cancellationToken)
    {
        try
        {
            var streamed = batch.Emails is [{ Streamed: { } body }] ? body : null;
            var appended = batch.Appended;
            if (!fetched(batch) || batch.Unstored is not null)
                return false;
            if (streamed is null)
                return true;
            appended.Wait(cancellationToken);
            if (streamed.IsLost)
                WriteAgain(envelope, streamed, batch.Another(), cancellationToken);
            return true;
        }
        finally
        {
            End();
        }
    }

    private FetchedEmail? Read(
        EmailEnvelope envelope, PieceBuffers buffers, bool isLastAttempt, CancellationToken cancellationToken)
    {
        var inParts = envelope.Size > BodyPass.PartBytes && polled.Parts != PartialFetch.Wrong;
        (long Length, byte[] Sha256, bool InParts)? former = null;
        for (var passes = 0; passes < MostPasses; passes++)
        {
            var copy = _copy = new BodyCopy(buffers, store.BeginUpload(), cancellationToken);
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
                    || (inParts && polled.Parts != PartialFetch.Right && copy.Length < envelope.Size);
                if (!isDoubtful || (isSame && (answer != Answer.Fragment || isLastAttempt)))
                    return Accept(envelope, copy, answer);
            }

            former = verdict == BodyVerdict.Whole ? (copy.Length, copy.Sha256, inParts) : (-1, [], true);
            inParts = false;
            Drop(null);
        }

        return null;
    }

    private FetchedEmail Accept(EmailEnvelope envelope, BodyCopy copy, Answer answer)
    {
        if (answer != Answer.Whole)
            Log.ShorterThanAnnounced(logger, polled.Name, envelope.Uid, copy.Length, envelope.Size!.Value);
        return copy.IsStreamed
            ? new FetchedEmail(envelope, copy.Head) { Streamed = copy.Complete(items.IdOf(envelope.Uid)) }
            : Drop(new FetchedEmail(envelope, copy.Head))!;
    }

    // Nothing else has the bytes. Another content would have another name.
    private void WriteAgain(EmailEnvelope envelope, StreamedBody lost, FetchedBatch batch, CancellationToken cancellationToken)
    {
        End();
        batch.Reserve(HeldBytes, cancellationToken);
        try
        {
            Read(envelope, Buffers(batch), isLastAttempt: true, cancellationToken);
        }
        catch (BodyStoreException e)
        {
            // The entry is there. If its body is not, the consumer reports it.
            Log.BodyNotWrittenAgain(logger, polled.Name, envelope.Uid, lost.Reference.Name, e.Message);
        }
    }

    private Unstored Unstored(BodyStoreException error, EmailEnvelope envelope, CancellationToken cancellationToken)
    {
        var (head, length) = (_copy?.Head ?? default, _copy?.Length ?? 0);
        End();
        if (store.Of(error, envelope.Size ?? length, cancellationToken) is { } unstored)
        {
            return unstored.End == PollEnd.Stuck
                ? unstored with { Item = items.Of(new FetchedEmail(envelope, head)) }
                : unstored;
        }

        ExceptionDispatchInfo.Throw(error.InnerException ?? error);
        throw error;
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

    // A call to the store that was given up may still read the buffers. What it writes is never completed.
    private void End()
    {
        var copy = _copy;
        _copy = null;
        copy?.End();
    }

    private PieceBuffers Buffers(FetchedBatch batch) => new(
        batch.Rent(store.HeadBytes), batch.Rent(PieceBuffers.PieceBytes), batch.Rent(PieceBuffers.PieceBytes));

    private static FailureRecord Oversize(string why) => FailureRecord.Of(DeadLetterReasons.Oversize, DeadLetterReasons.Oversize, why);
}
