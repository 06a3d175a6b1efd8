using EmailIngestion.Messages;

namespace EmailIngestion.Processing;

/// <summary>
/// The business code: what is done with an email. It may see an email more than once (its consumer can die between the effect and the
/// acknowledgement), so effects are to be harmless when repeated; <see cref="EmailMessage.Id"/> is the key for that.
/// </summary>
public interface IEmailProcessor
{
    /// <summary>Processes one email. Returning means done.</summary>
    /// <param name="delivery">The email, and which delivery of it this is.</param>
    /// <param name="cancellationToken">Cancelled when the time is up or the delivery is no longer ours.</param>
    /// <exception cref="PermanentFailureException">It will never work: dead at once.</exception>
    /// <exception cref="TransientFailureException">It may work soon: tried again.</exception>
    /// <remarks>Any other exception is tried again until <c>Consumer:MaxDeliveries</c>.</remarks>
    Task ProcessAsync(EmailDelivery delivery, CancellationToken cancellationToken);
}
