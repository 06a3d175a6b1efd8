using EmailIngestion.Messages;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Processing;

/// <summary>Checks each email against the limits before the chosen processor has it, whatever that one does with it.</summary>
internal sealed class LimitingProcessor(IEmailProcessor processor, IOptions<ProcessingOptions> options) : IEmailProcessor
{
    private readonly MessageLimits _limits = options.Value.Limits;

    public async Task ProcessAsync(EmailMessage message, CancellationToken cancellationToken)
    {
        message.Check(_limits, cancellationToken);
        await processor.ProcessAsync(message, cancellationToken);
    }
}
