using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using EmailIngestion.Bodies;
using EmailIngestion.Integration.Tests.Consuming;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using EmailIngestion.Operations.Backfill;
using EmailIngestion.Operations.Bulk;
using EmailIngestion.Processing;
using EmailIngestion.Redis;
using EmailIngestion.Servers;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Dlq;
using EmailIngestion.Streams.Jobs;
using EmailIngestion.Streams.Orphans;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>Tests that each role can do all of its work as its documented user.</summary>
public sealed partial class SmallestRightsTests(TestServers servers)
{
    private const string Password = "secret";

    // Commands that the client library tries on connect and does not need.
    private static readonly string[] Tried =
    [
        "client|setinfo", "cluster|nodes", "cluster|slots", "config|get", "sentinel|masters", "subscribe",
        "__Booksleeve_MasterChanged", "__Booksleeve_TieBreak",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Poller_consumer_admin_and_scaler_work_with_the_documented_rights()
    {
        await using var redis = await OwnRedisServer.StartAsync(new());
        foreach (var user in Users())
            await redis.Database.ExecuteAsync("ACL", ["SETUSER", .. user.Split(' ')]);

        var error = await Record.ExceptionAsync(() => WorkAsync(redis));

        Assert.Empty(await DeniedAsync(redis));
        Assert.Null(error);
    }

    private async Task WorkAsync(OwnRedisServer redis)
    {
        await using var partition = new TestPartition(servers);
        await new MailUser(servers, partition.User).AppendAsync(
            [.. TestMail.Many(19).Select((mail, at) => at < 4 ? TestMail.Of(at + 1, new string('x', 200_000)) : mail),
            TestMail.Of(20, new string('x', 1_200_000))]);
        var polling = As("poller", redis, partition.PollingSettings());
        polling["Polling:MaxMessageBytes"] = "1100000";
        var poller = await partition.StartHostAsync(polling);

        Assert.Equal(PollEnd.Complete, (await poller.PollAsync()).End);

        // One email fails permanently and one fails once. The poller dead-letters the large one.
        var (broken, failures) = (true, 0);
        var script = new ProcessorScript((message, _) => message.Uid switch
        {
            2 when broken => throw new PermanentFailureException("Not this one."),
            3 when failures++ == 0 => throw new TransientFailureException("Not now.", TimeSpan.FromSeconds(6)),
            _ => Task.CompletedTask,
        });
        var consumer = await partition.StartConsumerAsync(As("consumer", redis, partition.ConsumingSettings()), script);
        var idle = As("admin", redis, partition.ConsumingSettings());
        idle["Consumer:Enabled"] = "false";
        var admin = await partition.StartHostAsync(idle);
        var seen = admin.Services.GetRequiredService<StreamPartitions>().Get(partition.Name);
        await Eventually.TrueAsync(
            async () => await seen.Inspector.ReadSnapshotAsync(details: true, Cancel) is { DeadLetters: 2, Depth: 0 }, "18 are processed");
        var snapshot = await seen.Inspector.ReadSnapshotAsync(details: true, Cancel);
        Assert.Equal(
            (1, 1, null), (snapshot.Consumers.Count(one => one.Name != ConsumerGroup.Waiting), snapshot.Mailboxes.Count, snapshot.Problem));

        var (deadLetters, _) = await seen.DeadLetters.PageAsync(10, null, null, null, Cancel);
        Assert.NotNull(await seen.DeadLetters.FindRawAsync(deadLetters.Single(one => one.Uid == 2).Id, Cancel));
        broken = false;
        Assert.Equal(
            ReplayResult.Replayed, (await seen.DeadLetters.ReplayAsync(deadLetters.Single(one => one.Uid == 2).Id, "key", Cancel)).Result);
        await OperateAsync(admin.Services, seen, partition.User);
        await Eventually.TrueAsync(() => script.Completed.Length == 19, "all but the large one are processed");
        await Consumers.DrainedAsync(redis.Database, partition.Keys);
        foreach (var process in new[] { poller, consumer, admin })
        {
            await new DeadLetterIndex(partition.Keys, process.Services.GetRequiredService<RedisConnection>()).RepairAsync(Cancel);
            await MaintainBodiesAsync(process.Services, redis.Database, partition.Keys.Bodies);
        }

        await consumer.StopAsync(Cancel);
        await poller.StopAsync(Cancel);
        var scaler = await AskAsScalerAsync(redis, partition.Keys);

        Assert.DoesNotContain("-NOPERM", scaler, StringComparison.Ordinal);
        Assert.Contains("redis_version", scaler, StringComparison.Ordinal);
    }

    // It runs each hour in one of the processes. It logs what it is refused.
    private static async Task MaintainBodiesAsync(IServiceProvider services, IDatabase database, BodyKeys keys)
    {
        await database.KeyDeleteAsync([keys.Turn(BodyMaintenance.Cleaning), keys.Turn(BodyMaintenance.Orphans), keys.Report]);
        await services.GetServices<IHostedService>().OfType<BodyMaintenance>().Single().PassAsync(Cancel);
        Assert.NotNull(await OrphanReport.ReadAsync(database, keys.Report));
    }

    // Any of the three processes may run the job, so each has the rights for it.
    private static async Task OperateAsync(IServiceProvider services, StreamPartition partition, string user)
    {
        var bulk = services.GetRequiredService<BulkOperations>();
        var groups = (await partition.Groups.PageAsync(10, null, null, Cancel)).Groups;
        var filter = new DeadLetterFilter { Fingerprint = groups[0].Fingerprint };
        Assert.Single((await partition.DeadLetters.Search.PageAsync(filter, 10, null, newest: true, Cancel)).DeadLetters);
        await DeadLetterExport.WriteAsync(partition, filter, null, "key", Stream.Null, Cancel);
        foreach (var action in new[] { BulkAction.Replay, BulkAction.Purge })
        {
            var preview = await bulk.PreviewAsync(partition, action, filter, Cancel);
            var (_, job) = await bulk.StartAsync(partition, action, filter, preview.Token, "key", Cancel);
            await Eventually.TrueAsync(
                async () => await partition.Jobs.FindAsync(job!.Id, Cancel) is { State: JobState.Completed, Failed: var failed }
                    && failed == (action == BulkAction.Replay ? 1 : 0),
                "the job has ended");
        }

        // Only the poller runs this one. What was deleted above is read again, and is still too large.
        var (_, backfill) = await services.GetRequiredService<BackfillOperations>().StartAsync(
            partition, new BackfillRequest($"{user}/INBOX", new DateOnly(2020, 1, 1), null), "key", Cancel);
        await Eventually.TrueAsync(
            async () => await partition.Jobs.FindAsync(backfill!.Id, Cancel) is { State: JobState.Completed, Skipped: 19, Failed: 1 },
            "the backfill has ended");

        Assert.Equal(3, (await partition.Jobs.ListAsync(10, null, Cancel)).Jobs.Count);
        Assert.False(await partition.Jobs.CancelAsync((await partition.Jobs.ListAsync(1, null, Cancel)).Jobs[0], "key", Cancel));
        Assert.NotEmpty((await partition.Audit.ListAsync(10, null, Cancel)).Entries);
    }

    // The users in the documents. A second user of the same name belongs to the Sentinels.
    private static IEnumerable<string> Users() =>
        User().Matches(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Documents", "runbook.md")))
            .Concat(User().Matches(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Documents", "README.md"))))
            .Select(match => match.Groups[1].Value.Trim().Replace(">PASSWORD", $">{Password}", StringComparison.Ordinal))
            .DistinctBy(user => user[..user.IndexOf(' ', StringComparison.Ordinal)]);

    private static LocalSettings As(string user, OwnRedisServer redis, LocalSettings settings)
    {
        settings["Streams:ConnectionString"] = $"{redis.Options.Value.ConnectionString},user={user},password={Password}";
        return settings;
    }

    // The commands of KEDA's client on connect, and of its scaler at each poll.
    private static async Task<string> AskAsScalerAsync(OwnRedisServer redis, StreamKeys keys)
    {
        var endpoint = (IPEndPoint)redis.Multiplexer.GetEndPoints()[0];
        using var client = new TcpClient();
        await client.ConnectAsync(endpoint.Address, endpoint.Port, Cancel);
        await using var stream = client.GetStream();
        string[] commands =
        [
            $"HELLO 3 AUTH keda {Password} SETNAME keda", "CLIENT SETNAME keda", "PING", "INFO server", $"XLEN {keys.Stream}",
            $"XPENDING {keys.Stream} {StreamKeys.Group}", $"XINFO GROUPS {keys.Stream}", "QUIT",
        ];
        foreach (var command in commands)
            await stream.WriteAsync(RespReader.Write([.. RespReader.Bytes(command.Split(' '))]), Cancel);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(Cancel);
    }

    private static async Task<IReadOnlyList<string>> DeniedAsync(OwnRedisServer redis) =>
    [
        .. ((RedisResult[])(await redis.Database.ExecuteAsync("ACL", "LOG", "100"))!)
            .Select(entry => entry.ToDictionary())
            .Where(entry => !Tried.Contains((string)entry["object"]!))
            .Select(entry => $"{entry["username"]}: {entry["object"]} ({entry["context"]})"),
    ];

    [GeneratedRegex(@"ACL SETUSER ((?:poller|consumer|admin|keda) on >PASSWORD[^`\n]*)")]
    private static partial Regex User();
}
