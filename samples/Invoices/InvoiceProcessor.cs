using EmailIngestion.Processing;
using MimeKit;

namespace Invoices;

/// <summary>Keeps the PDF of each email. The setting <c>Processing:Processor=invoices</c> selects this processor.</summary>
internal sealed class InvoiceProcessor(InvoiceRegister register) : IEmailProcessor
{
    public async Task ProcessAsync(EmailDelivery delivery, CancellationToken cancellationToken)
    {
        var pdf = delivery.Email.Mime.Attachments.OfType<MimePart>().FirstOrDefault(IsPdf)?.Content
            // A repeat finds no PDF either, so the email becomes a dead letter at once. Any other exception is retried.
            ?? throw new PermanentFailureException("No PDF is attached.");
        await register.AddAsync(delivery.Email.Id.ToString(), pdf, cancellationToken);
        await register.SaveAsync(cancellationToken);
    }

    private static bool IsPdf(MimePart part) => part.ContentType.IsMimeType("application", "pdf");
}
