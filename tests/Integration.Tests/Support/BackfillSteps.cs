using EmailIngestion.Mailboxes;
using EmailIngestion.Operations.Backfill;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Jobs;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>Starts backfills of the only mailbox of a host, and follows them on the Redis of that host.</summary>
internal static class BackfillSteps
{
    /// <summary>The day on which the mails were received.</summary>
    public static readonly DateOnly Day = new(2026, 1, 10);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The time of a mail that is received on this day.</summary>
    public static DateTimeOffset At(DateOnly day) => new(day, new TimeOnly(12, 0), TimeSpan.Zero);

    /// <summary>The mails 1 to this number, received on the day.</summary>
    public static IEnumerable<(byte[], DateTimeOffset)> Mails(int count) => TestMail.Many(count).Select(raw => (raw, At(Day)));

    public static StreamPartition Partition(this WebApplication host) => host.Services.GetRequiredService<StreamPartitions>().Served[0];

    public static string Mailbox(this WebApplication host) => host.Services.GetRequiredService<PolledMailboxes>().All[0].Name;

    public static async Task<MailboxCursor> LiveCursorAsync(this WebApplication host) =>
        (await host.Partition().Stream.Mailboxes.ReadCursorAsync(host.Mailbox(), Cancel))!;

    public static async Task<string> BackfillAsync(this WebApplication host, DateOnly from, DateOnly? to)
    {
        var (_, job) = await host.Services.GetRequiredService<BackfillOperations>().StartAsync(
            host.Partition(), new BackfillRequest(host.Mailbox(), from, to), "ops", Cancel);
        return job!.Id;
    }

    public static async Task<Job> JobAsync(this WebApplication host, string id) => (await host.Partition().Jobs.FindAsync(id, Cancel))!;

    public static async Task<Job> EndedJobAsync(this WebApplication host, string id)
    {
        await Eventually.TrueAsync(
            async () => JobState.IsEnd((await Eventually.AnsweredAsync(() => host.JobAsync(id))).State), "the job has ended");
        return await host.JobAsync(id);
    }

    public static async Task<Job> WaitingJobAsync(this WebApplication host, string id, long? done = null)
    {
        Job? job = null;
        await Eventually.TrueAsync(
            async () => (job = await host.JobAsync(id)) is { State: JobState.Waiting } && (done is null || job.Done == done),
            "the job waits");
        return job!;
    }

    /// <summary>The UIDs of the entries of the stream, in order.</summary>
    public static async Task<IReadOnlyList<uint>> StreamedUidsAsync(this WebApplication host)
    {
        var database = await host.Services.GetRequiredService<RedisConnection>().DatabaseAsync(Cancel);
        return [.. (await database.StreamRangeAsync(host.Partition().Keys.Stream)).Select(entry => (uint)entry["uid"])];
    }
}
