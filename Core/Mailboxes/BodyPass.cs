using System.Runtime.ExceptionServices;
using EmailIngestion.Mailboxes.Imap;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Reads one body once: whole, or in parts, one after the other. After a cut connection the parts continue at the last byte that came.
/// Blocks.
/// </summary>
internal sealed class BodyPass(IMailbox mailbox, PolledMailbox polled, PollingOptions polling, MailboxCursor cursor, ILogger logger)
{
    /// <summary>The length of a part, in bytes. A body that is announced as larger is read in parts.</summary>
    public const int PartBytes = 8 * 1024 * 1024;

    // Parts shorter than requested, before the end. Each costs a request.
    private const int MostShort = 16;

    // A server that counts line ends otherwise is wrong by less than a 50th on attachments.
    private const int MiscountedPart = 50;

    // Connections for one body. Each must bring it forward.
    private const int MostConnections = 20;

    /// <summary>The size of a body that was too large, as far as it is known.</summary>
    public long TooLargeBytes { get; private set; }

    /// <summary>
    /// Whether the parts ended before the announced size in a way that a miscount does not explain: after a full part, or much too early.
    /// </summary>
    public bool EndsEarly { get; private set; }

    /// <summary>Reads the body.</summary>
    /// <param name="envelope">The email.</param>
    /// <param name="inParts">Whether to request parts.</param>
    /// <param name="copy">Takes the body.</param>
    /// <param name="cancellationToken">Ends the poll.</param>
    /// <returns>
    /// Whole: the copy has all of it. Wrong: the server's answers do not fit the requested parts. TooLarge: it is larger than accepted.
    /// </returns>
    public BodyVerdict Run(EmailEnvelope envelope, bool inParts, BodyCopy copy, CancellationToken cancellationToken)
    {
        var sink = new BodySink(envelope.Uid, polling.MaxMessageBytes, copy);
        var (shorts, connections, cutAt) = (0, 1, -1L);
        var (isAfterFull, emptyAt) = (false, -1L);
        EndsEarly = false;
        while (true)
        {
            var begin = copy.Length;
            sink.Expect(inParts ? PartBytes : null);
            bool isAnswered;
            try
            {
                isAnswered = mailbox.FetchBody(envelope.Uid, sink, cancellationToken);
            }
            catch (Exception) when (copy.Failure is { } failure && !cancellationToken.IsCancellationRequested)
            {
                ExceptionDispatchInfo.Throw(failure);
                throw;
            }
            catch (Exception e) when (inParts && ConnectionCut.Is(e) && !cancellationToken.IsCancellationRequested)
            {
                var isSecondCut = copy.Length == cutAt || polled.LastCut == (envelope.Uid, copy.Length);
                if (sink.Verdict == BodyVerdict.Whole || isSecondCut || connections++ == MostConnections)
                    throw;
                // Bytes that may be another email's have been taken.
                if (!sink.IsNamed && copy.Length > begin)
                    return BodyVerdict.Wrong;
                cutAt = copy.Length;
                Log.BodyContinued(logger, polled.Name, envelope.Uid, cutAt, BriefError.Of(e));
                // Kept if it fails: an email at which every connection ends must not stop the mailbox for good.
                polled.LastCut = (envelope.Uid, cutAt);
                mailbox.Reopen(polled.Name, cursor.UidValidity, cancellationToken);
                polled.LastCut = null;
                continue;
            }

            if (!isAnswered || sink.Verdict is BodyVerdict.Nothing)
                return inParts ? BodyVerdict.Wrong : BodyVerdict.Nothing;
            TooLargeBytes = sink.Offset + sink.Length;
            if (sink.Verdict != BodyVerdict.Part)
                return sink.Verdict;
            var isShort = sink.Length < PartBytes;
            if (isShort && copy.Length >= envelope.Size)
                return BodyVerdict.Whole;
            if (sink.Length == 0)
            {
                // Before the announced size, an empty part is requested once more.
                if (emptyAt == copy.Length)
                {
                    EndsEarly = isAfterFull || envelope.Size - copy.Length > envelope.Size / MiscountedPart;
                    return BodyVerdict.Whole;
                }

                emptyAt = copy.Length;
                continue;
            }

            isAfterFull = !isShort;
            if (isShort && ++shorts > MostShort)
                return BodyVerdict.Wrong;
        }
    }
}
