using EmailIngestion.Redis;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Options;
using Polly.Registry;

namespace EmailIngestion.Mailboxes;

/// <summary>Makes the appender of each poll, and tells when a poll must wait (backpressure).</summary>
internal sealed class MailboxAppenders(
    StreamPressure pressure, ResiliencePipelineProvider<string> pipelines, IngestionMetrics metrics, IOptions<PollingOptions> options,
    TimeProvider time)
{
    public Task<bool> MustWaitAsync(EmailStream stream, CancellationToken cancellationToken) =>
        pressure.IsHighAsync(stream, TimeSpan.Zero, cancellationToken);

    /// <summary>Why it must wait, or had to wait last, as a sentence.</summary>
    public string ReasonToWait(EmailStream stream) => pressure.ReasonOf(stream);

    public LargeStore LargeStore(PolledMailbox mailbox) =>
        new(mailbox.Stream, pressure, pipelines.GetPipeline(RedisPipeline.Name), time);

    public MailboxAppender Create(PolledMailbox mailbox, MailboxCursor cursor) => new(
        mailbox.Name,
        cursor,
        options.Value.RenumberingWindow,
        mailbox.Stream,
        pressure,
        pipelines.GetPipeline(RedisPipeline.Name),
        metrics);
}
