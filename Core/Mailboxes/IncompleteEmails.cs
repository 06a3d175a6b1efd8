using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <summary>Makes dead letters of emails that are not fetched whole.</summary>
internal sealed class IncompleteEmails(IMailbox mailbox, PollingOptions polling)
{
    /// <summary>Makes the dead letter of an email that cannot be fetched, with its header if requested and returned.</summary>
    /// <param name="uid">The UID.</param>
    /// <param name="withHeader">Whether its header is requested.</param>
    /// <param name="forgottenBy">Who asked to pass over it; null if its attempts are used up.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    public FetchedEmail FetchFailed(uint uid, bool withHeader, string? forgottenBy, CancellationToken cancellationToken)
    {
        var header = withHeader ? mailbox.FetchHeader(uid, cancellationToken) : default;
        var envelope = withHeader ? mailbox.FetchEnvelopes([uid], cancellationToken).FirstOrDefault(answer => answer.Uid == uid) : null;
        return new FetchedEmail(
            envelope ?? new EmailEnvelope(uid, null, null, null),
            header,
            FailureRecord.Of(
                DeadLetterReasons.FetchFailed,
                forgottenBy is null
                    ? $"The server lists UID {uid} and did not return it in {polling.FetchAttempts} polls."
                    : $"Polls stopped before UID {uid}, and {forgottenBy} had it passed over."));
    }

    /// <summary>Makes the dead letter of an email larger than <c>Polling:MaxMessageBytes</c>, with its header.</summary>
    public FetchedEmail Oversize(EmailEnvelope envelope, CancellationToken cancellationToken) => new(
        envelope,
        mailbox.FetchHeader(envelope.Uid, cancellationToken),
        FailureRecord.Of(
            DeadLetterReasons.Oversize,
            $"{envelope.Size} bytes; Polling:MaxMessageBytes is {polling.MaxMessageBytes}."));
}
