using EmailIngestion.Processing;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Local.Commands;

/// <summary>Another processor, with a wait before each email: real work takes time, and without that there is no scaling to watch.</summary>
internal sealed class SlowProcessor(IServiceProvider services, SlowProcessorOptions options, TimeProvider time) : IEmailProcessor
{
    public const string Name = "slow";

    private readonly IEmailProcessor _processor = services.GetRequiredKeyedService<IEmailProcessor>(options.Processor);

    public async Task ProcessAsync(EmailDelivery delivery, CancellationToken cancellationToken)
    {
        await Task.Delay(options.Delay, time, cancellationToken);
        await _processor.ProcessAsync(delivery, cancellationToken);
    }
}

/// <param name="Processor">The processor that is slowed down.</param>
/// <param name="Delay">The wait before each email.</param>
internal sealed record SlowProcessorOptions(string Processor, TimeSpan Delay);
