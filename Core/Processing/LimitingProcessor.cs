using EmailIngestion.Messages;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Processing;

/// <summary>
/// Checks each email against the limits before the chosen processor has it, whatever that one does with it. One that cannot exceed them, as
/// most small ones, is checked when it is parsed: the check would be a good part of what a short delivery costs.
/// </summary>
internal sealed class LimitingProcessor(IEmailProcessor processor, IOptions<ProcessingOptions> options) : IEmailProcessor
{
    private readonly MessageLimits _limits = options.Value.Limits;

    public async Task ProcessAsync(EmailMessage message, CancellationToken cancellationToken)
    {
        if (_limits.CannotBeExceededBy(message.Raw.Span))
            message.Limit(_limits);
        else
            message.Check(_limits, cancellationToken);
        await processor.ProcessAsync(message, cancellationToken);
    }
}
