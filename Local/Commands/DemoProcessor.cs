using System.Text;
using EmailIngestion.DevServers.Mail;
using EmailIngestion.Processing;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Local.Commands;

/// <summary>
/// The demo's processor, and the example of one of your own: the archive, but for emails that carry a certain header, which it refuses for
/// good.
/// </summary>
internal sealed class DemoProcessor([FromKeyedServices("archive")] IEmailProcessor archive) : IEmailProcessor
{
    private static readonly byte[] Poison = Encoding.ASCII.GetBytes(DemoMail.PoisonHeader + ":");

    public Task ProcessAsync(EmailDelivery delivery, CancellationToken cancellationToken) =>
        delivery.Email.Raw.Span.IndexOf(Poison) >= 0
            ? throw new PermanentFailureException($"The header {DemoMail.PoisonHeader} says that this email cannot be processed.")
            : archive.ProcessAsync(delivery, cancellationToken);
}
