using System.Buffers.Binary;
using EmailIngestion.Load;
using EmailIngestion.Mailboxes;
using EmailIngestion.Messages;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Polly.Registry;

namespace EmailIngestion.Bench.Sides;

/// <summary>Runs the poller's appender with all features on: backpressure, cursor, digests, retries, metrics.</summary>
internal static class AppendSide
{
    public const string Name = "append";

    public static async Task<SideResult> RunAsync(int port, int count, int bytes, RedisTls? tls)
    {
        await using var host = SideHost.Build(port, tls?.Settings ?? []);
        await AppendAsync(host.Services, port, "warm", count, bytes);
        return await AppendAsync(host.Services, port, "bench", count, bytes);
    }

    private static async Task<SideResult> AppendAsync(IServiceProvider services, int port, string partition, int count, int bytes)
    {
        var polling = services.GetRequiredService<IOptions<PollingOptions>>().Value;
        var stream = services.GetRequiredService<StreamPartitions>().Get(partition).Stream;
        await stream.Mailboxes.StartEpochAsync(LoadMail.Mailbox, null, LoadMail.UidValidity, 0, CancellationToken.None);
        var cursor = await stream.Mailboxes.ReadCursorAsync(LoadMail.Mailbox, CancellationToken.None);
        var appender = new MailboxAppender(
            LoadMail.Mailbox,
            cursor!,
            polling.RenumberingWindow,
            stream,
            services.GetRequiredService<StreamPressure>(),
            services.GetRequiredService<ResiliencePipelineProvider<string>>().GetPipeline(RedisPipeline.Name),
            services.GetRequiredService<IngestionMetrics>());
        // The items exist before the clock starts because the fetch is another measurement. All share one body, so that memory is not
        // measured.
        var batches = Items(count, bytes).Chunk(polling.FetchBatch).ToArray();
        var stopper = new Stopper(port);
        foreach (var batch in batches)
        {
            if (!await appender.SendAsync(batch, null, CancellationToken.None))
                break;
        }

        if (await appender.FinishAsync(CancellationToken.None) != PollEnd.Complete)
            throw new InvalidOperationException("Redis did not accept all emails.");
        return stopper.Result();
    }

    private static IEnumerable<AppendItem> Items(int count, int bytes)
    {
        var like = new LoadMail(bytes).Item(1, TimeProvider.System.GetUtcNow()).Message;
        for (var uid = 1u; uid <= count; uid++)
        {
            var digest = new byte[16];
            BinaryPrimitives.WriteUInt32BigEndian(digest, uid);
            yield return new AppendItem(like with { Id = new EmailId(uid), Uid = uid }, digest);
        }
    }
}
