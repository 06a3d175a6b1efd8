using EmailIngestion.Messages;

namespace EmailIngestion.Processing;

/// <summary>
/// Processes emails: the business code. A processor may receive an email more than once, since its consumer can die between the effect and
/// the acknowledgement. Its effects must therefore be idempotent, with <see cref="EmailMessage.Id"/> as the key.
/// </summary>
public interface IEmailProcessor
{
    /// <summary>Processes one email. The email is processed when the method returns.</summary>
    /// <param name="delivery">The email and its delivery count.</param>
    /// <param name="cancellationToken">Cancelled when the attempt's time is over, when the lease is lost, and at a stop.</param>
    /// <exception cref="PermanentFailureException">The email can never be processed. It is dead-lettered at once.</exception>
    /// <exception cref="TransientFailureException">The email may be processed later. It is retried.</exception>
    /// <remarks>After any other exception the email is retried until <c>Consumer:MaxDeliveries</c>.</remarks>
    Task ProcessAsync(EmailDelivery delivery, CancellationToken cancellationToken);
}
