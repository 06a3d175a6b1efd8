using System.Runtime.ExceptionServices;
using EmailIngestion.Bodies;
using EmailIngestion.Mailboxes.Imap;
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
    private readonly LargeReader _reader = new(mailbox, polled, cursor, items, store, polling, logger);

    // The room in Redis of what the reader has written.
    private StagedBytes.Share? _room;

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

        _room = store.TryStage(envelope.Size ?? polling.MaxMessageBytes, cancellationToken);
        if (_room is null)
        {
            batch.Unstored = new Unstored(PollEnd.BackPressure);
            return true;
        }

        store.Waits.Begin();
        var isReturned = true;
        try
        {
            if (_reader.Read(envelope, Buffers(batch), isLastAttempt, cancellationToken) is { } email)
                batch.Emails.Add(email);
            else
                isReturned = false;
        }
        catch (BodyStoreException e)
        {
            batch.Unstored = Unstored(e, envelope, cancellationToken);
        }
        catch (Exception e) when (ConnectionCut.Is(e) && store.Waits.ExplainsCut && !cancellationToken.IsCancellationRequested)
        {
            mailbox.Discard();
            batch.Unstored = new Unstored(PollEnd.StoreAway, store.Waits.Text);
        }
        catch
        {
            End();
            throw;
        }

        if (!isReturned || batch.Unstored is not null)
            End();
        return isReturned;
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

    // Nothing else has the bytes.
    private void WriteAgain(EmailEnvelope envelope, StreamedBody lost, FetchedBatch batch, CancellationToken cancellationToken)
    {
        _reader.End();
        batch.Reserve(HeldBytes, cancellationToken);
        string? why;
        try
        {
            var again = _reader.Read(envelope, Buffers(batch), isLastAttempt: true, cancellationToken);
            // Another content has another name.
            why = again is null ? "the server does not return it"
                : again.Streamed?.Reference.Name != lost.Reference.Name ? "the server returns other bytes" : null;
        }
        catch (BodyStoreException e)
        {
            why = e.Message;
        }
        finally
        {
            batch.Release(canReuse: _reader.End());
        }

        // The entry is there. If its body is not, the consumer reports it.
        if (why is not null)
            Log.BodyNotWrittenAgain(logger, polled.Name, envelope.Uid, lost.Reference.Name, why);
    }

    private Unstored Unstored(BodyStoreException error, EmailEnvelope envelope, CancellationToken cancellationToken)
    {
        var (head, length) = (_reader.Copy?.Head ?? default, _reader.Copy?.Length ?? 0);
        var hadOthers = _room is { HadOthers: true };
        End();
        if (store.Of(error, envelope.Size ?? length, hadOthers, cancellationToken) is { } unstored)
        {
            return unstored.End == PollEnd.Stuck
                ? unstored with { Item = items.Of(new FetchedEmail(envelope, head)) }
                : unstored;
        }

        ExceptionDispatchInfo.Throw(error.InnerException!);
        throw error;
    }

    // What it writes is never completed.
    private void End()
    {
        _reader.End();
        _room?.Dispose();
        _room = null;
    }

    private PieceBuffers Buffers(FetchedBatch batch) => new(
        batch.Rent(store.HeadBytes), batch.Rent(PieceBuffers.PieceBytes), batch.Rent(PieceBuffers.PieceBytes));

    private static FailureRecord Oversize(string why) => FailureRecord.Of(DeadLetterReasons.Oversize, why);
}
