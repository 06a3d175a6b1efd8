using EmailIngestion.Processing;

namespace EmailIngestion.Load;

/// <summary>Waits for the configured time and records the email.</summary>
internal sealed class LoadProcessor(LoadRecorder recorder, LoadProcessorOptions options, TimeProvider time) : IEmailProcessor
{
    public const string Name = "load";

    public Task ProcessAsync(EmailDelivery delivery, CancellationToken cancellationToken)
    {
        recorder.Began(delivery.Email.Uid);
        return options.Delay > TimeSpan.Zero ? Task.Delay(options.Delay, time, cancellationToken) : Task.CompletedTask;
    }
}

/// <param name="Delay">How long each email takes.</param>
internal sealed record LoadProcessorOptions(TimeSpan Delay);
