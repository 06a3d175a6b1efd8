using EmailIngestion.Processing;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Local.Commands;

/// <summary>Waits before each email, and then runs another processor. Real work takes time, and scaling shows only with it.</summary>
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

/// <param name="Processor">The name of the other processor.</param>
/// <param name="Delay">The wait before each email.</param>
internal sealed record SlowProcessorOptions(string Processor, TimeSpan Delay);
