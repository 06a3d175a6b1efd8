using EmailIngestion.Configuration;
using EmailIngestion.Processing.Archiving;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Processing;

/// <summary>
/// Writes the files of each email: <c>&lt;id&gt;.eml</c>, the raw message; its attachments in <c>&lt;id&gt;/</c>, if that is set;
/// <c>&lt;id&gt;.json</c>, its summary. A repeated run writes the same files again. The summary is written last: where it exists, the other
/// files are complete.
/// </summary>
internal sealed class ArchiveProcessor(IArchiveTarget target, IOptions<ArchiveOptions> options) : IEmailProcessor
{
    public const string Name = ArchiveOptions.Processor;

    /// <summary>Checks that the archive can be written, so that a wrong setting fails the start and not the deliveries.</summary>
    /// <exception cref="SettingsException">The archive cannot be written.</exception>
    public Task CheckAsync(CancellationToken cancellationToken) => target.CheckAsync(cancellationToken);

    public Task ProcessAsync(EmailDelivery delivery, CancellationToken cancellationToken) =>
        target.WriteAsync(ArchivedEmail.Files(delivery.Email, options.Value.Attachments), cancellationToken);
}
