using EmailIngestion.Processing;

namespace EmailIngestion.Local.Commands;

/// <summary>Waits before the other processors of each email. Real work takes time, and scaling shows only with it.</summary>
internal sealed class SlowProcessor(SlowProcessorOptions options, TimeProvider time) : IEmailProcessor
{
    public const string Name = "slow";

    public Task ProcessAsync(EmailDelivery delivery, CancellationToken cancellationToken) =>
        Task.Delay(options.Delay, time, cancellationToken);
}

/// <param name="Delay">The wait before each email.</param>
internal sealed record SlowProcessorOptions(TimeSpan Delay);
