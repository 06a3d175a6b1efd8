using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Polly.Registry;

namespace EmailIngestion.Load;

/// <summary>Appends with the poller's appender, batches and backpressure checks, but without a mail server.</summary>
internal sealed class AppendSource(LoadOptions options, LocalSettings settings, string partition, string folder) : ILoadSource
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly WebApplication _host = LocalHost.Build(settings, new LocalHostOptions(folder, null));
    private readonly TimeProvider _time = TimeProvider.System;
    private EmailStream? _stream;
    private MailboxCursor? _cursor;

    public double BeforeStart => 0;

    public int? ProcessId => null;

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        _stream = _host.Services.GetRequiredService<StreamPartitions>().Get(partition).Stream;
        await _stream.Mailboxes.StartEpochAsync(LoadMail.Mailbox, null, LoadMail.UidValidity, 0, cancellationToken);
        _cursor = await _stream.Mailboxes.ReadCursorAsync(LoadMail.Mailbox, cancellationToken);
    }

    public async Task<TimeSpan> ProduceAsync(CancellationToken cancellationToken)
    {
        var services = _host.Services;
        var polling = services.GetRequiredService<IOptions<PollingOptions>>().Value;
        var appender = new MailboxAppender(
            LoadMail.Mailbox,
            _cursor!,
            polling.RenumberingWindow,
            _stream!,
            services.GetRequiredService<StreamPressure>(),
            services.GetRequiredService<ResiliencePipelineProvider<string>>().GetPipeline(RedisPipeline.Name),
            services.GetRequiredService<IngestionMetrics>());
        var mail = new LoadMail(options.PayloadBytes);
        var started = _time.GetTimestamp();
        while (appender.Last < options.Emails)
        {
            var count = (int)Math.Min(polling.FetchBatch, options.Emails - appender.Last);
            var now = _time.GetUtcNow();
            AppendItem[] items = [.. Enumerable.Range(1, count).Select(offset => mail.Item(appender.Last + (uint)offset, now))];
            cancellationToken.ThrowIfCancellationRequested();
            switch (await appender.AppendAsync(items, cancellationToken))
            {
                case PollEnd.Complete:
                    break;
                case PollEnd.BackPressure:
                    await Task.Delay(Pause, _time, cancellationToken);
                    break;
                default:
                    throw new LoadException("Another process moved the mailbox's cursor.");
            }
        }

        return _time.GetElapsedTime(started);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
