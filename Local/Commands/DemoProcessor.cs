using System.Text;
using EmailIngestion.DevServers.Mail;
using EmailIngestion.Processing;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Local.Commands;

/// <summary>The demo's processor: archives each email, and refuses for good an email with a certain header.</summary>
internal sealed class DemoProcessor([FromKeyedServices("archive")] IEmailProcessor archive) : IEmailProcessor
{
    private static readonly byte[] Poison = Encoding.ASCII.GetBytes(DemoMail.PoisonHeader + ":");

    public Task ProcessAsync(EmailDelivery delivery, CancellationToken cancellationToken) =>
        delivery.Email.Raw.Span.IndexOf(Poison) >= 0
            ? throw new PermanentFailureException($"The header {DemoMail.PoisonHeader} says that this email cannot be processed.")
            : archive.ProcessAsync(delivery, cancellationToken);
}
