using EmailIngestion.Processing;

namespace Invoices;

/// <summary>Keeps the PDF of each email. The setting <c>Processing:Processor=invoices</c> selects this processor.</summary>
internal sealed class InvoiceProcessor(InvoiceRegister register) : IEmailProcessor
{
    public async Task ProcessAsync(EmailDelivery delivery, CancellationToken cancellationToken)
    {
        var invoice = delivery.Email.Parsed.Attachments.FirstOrDefault(attachment => attachment.ContentType == "application/pdf")
            // A repeat finds no PDF either, so the email becomes a dead letter at once. Any other exception is retried.
            ?? throw new PermanentFailureException("No PDF is attached.");
        await using var pdf = invoice.Open();
        await register.AddAsync(delivery.Email.Id.ToString(), pdf, cancellationToken);
        await register.SaveAsync(cancellationToken);
    }
}
