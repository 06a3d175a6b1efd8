using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using EmailIngestion.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>Tests a Redis that enforces hash slots but reports itself as standalone, or that hides its limits.</summary>
public sealed class ManagedRedisTests(TestServers servers)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("poll")]
    [InlineData("consume")]
    public async Task Without_a_partition_a_node_that_enforces_slots_ends_the_start_with_one_line(string command)
    {
        await using var redis = await ManagedRedis.StartAsync();
        await using var partition = new TestPartition(servers);
        var settings = partition.Settings();
        partition.AddMailbox(settings);
        settings["Streams:ConnectionString"] = redis.Address;
        settings["Streams:Partitions:0"] = settings["Mailboxes:0:Partition"] = null;
        settings["POLL_SCHEDULE"] = "* * * * * *";
        settings["Logging:Console:LogLevel:Default"] = "Information";
        await using var process = CommandProcess.Start(partition, settings, command, "--port", "0");

        Assert.Equal(1, await process.EndAsync());

        var line = Assert.Single(process.Output.Split('\n'), line => line.Contains("Streams:Partitions", StringComparison.Ordinal));
        Assert.Contains("CROSSSLOT", line, StringComparison.Ordinal);
        Assert.DoesNotContain("not reachable", process.Output, StringComparison.Ordinal);
        Assert.Equal("", await redis.Node.AskAsync(Cancel, "KEYS", "*"));
    }

    // Uses TLS and a user without @admin and @dangerous, so without INFO and CONFIG.
    [Fact]
    public async Task With_a_partition_the_same_node_works_from_poll_to_archive()
    {
        using var authority = new TestAuthority();
        await using var redis = await ManagedRedis.StartAsync(authority.Server());
        await redis.Node.AskAsync(Cancel, "ACL", "SETUSER", "app", "on", "nopass", "~*", "&*", "+@all", "-@admin", "-@dangerous");
        await using var partition = new TestPartition(servers);
        await new MailUser(servers, partition.User).AppendAsync(TestMail.Many(30));
        var settings = partition.Settings();
        partition.AddMailbox(settings);
        settings["Streams:ConnectionString"] = $"{redis.Address},ssl=true,user=app,password=any";
        settings["Streams:CertificateAuthority"] = authority.File;
        var host = await partition.StartHostAsync(settings);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 30), await host.PollAsync());

        var inspector = host.Services.GetRequiredService<StreamPartitions>().Get(partition.Name).Inspector;
        await Eventually.TrueAsync(async () => (await inspector.ReadSnapshotAsync(details: false, Cancel)).Depth == 0, "all is processed");
        Assert.Equal(TestMail.Many(30).Texts().Order(), partition.ArchivedTexts().Order());
        Assert.StartsWith(
            "Redis does not answer INFO",
            Assert.Single((await inspector.ReadSnapshotAsync(details: true, Cancel)).Warnings),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("used_memory", 0, "INFO of Redis does not report used_memory: ")]
    [InlineData("maxmemory", 0, "INFO of Redis does not report maxmemory: ", "Streams:MaxMemoryBytes")]
    [InlineData("maxmemory", 1_000_000_000, null)]
    [InlineData("maxmemory_policy", 0, "INFO of Redis does not report maxmemory_policy: ", "noeviction")]
    [InlineData("maxmemory,maxmemory_policy", 0, "INFO of Redis does not report maxmemory: ", "does not report maxmemory_policy")]
    [InlineData("", 0, null)]
    public async Task A_value_that_INFO_hides_is_a_warning_once_and_in_the_status(
        string hidden, long limit, string? begin, string part = "")
    {
        await using var redis = await ManagedRedis.StartAsync(null, hidden.Split(','));
        var options = Streams(redis, limit);
        await using var connection = StreamConnection.Create(options);
        var partition = new StreamPartition("mail", connection, options, TimeProvider.System);
        var logger = new FakeLogger<StreamGuard>();
        var guard = new StreamGuard(connection, options, logger);

        await guard.CheckServersAsync(Cancel);
        await guard.CheckServersAsync(Cancel);
        await guard.CheckRightsAsync(partition.Keys, StreamUse.Consume, Cancel);
        await guard.EnsureGroupAsync(partition.Keys, Cancel);

        var lines = logger.Collector.GetSnapshot().Select(line => line.Message).ToArray();
        Assert.Equal(lines, (await partition.Inspector.ReadSnapshotAsync(details: true, Cancel)).Warnings);
        Assert.Equal(begin is null ? 0 : 1, lines.Length);
        Assert.All(lines, line => Assert.StartsWith(begin!, line, StringComparison.Ordinal));
        Assert.All(lines, line => Assert.Contains(part, line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_limit_of_the_settings_stops_polling_and_bounds_an_email()
    {
        await using var redis = await ManagedRedis.StartAsync(null, "maxmemory", "maxmemory_policy");
        await using var partition = new TestPartition(servers);
        await new MailUser(servers, partition.User).AppendAsync(TestMail.Many(3));
        var used = await UsedAsync(redis);
        var host = await StartPollerAsync(partition, redis, used + (used / 10));

        Assert.Equal(new PollResult(PollEnd.BackPressure), await host.PollAsync());

        var served = host.Services.GetRequiredService<StreamPartitions>().Get(partition.Name);
        var memory = (await served.Inspector.ReadSnapshotAsync(details: false, Cancel)).Memory;
        Assert.Equal(used + (used / 10), memory.Max);
        Assert.True(memory.Ratio is > 0.75 and < 1.5, $"{memory}");
        Assert.Equal((long)(memory.Max * 0.75), (await served.Stream.LimitsAsync(Cancel)).Memory);
    }

    [Theory]
    [InlineData(0, 50_000_000)]
    [InlineData(40_000_000, 40_000_000)]
    [InlineData(60_000_000, 50_000_000)]
    public async Task The_smaller_one_of_maxmemory_and_the_limit_of_the_settings_counts(long limit, long counts)
    {
        await using var redis = await OwnRedisServer.StartAsync(
            new() { MaxMemoryBytes = 50_000_000 }, options => options.MaxMemoryBytes = limit);
        await redis.Guard.EnsureGroupAsync(redis.Partition.Keys, Cancel);

        Assert.Equal(counts, (await redis.Partition.Inspector.ReadSnapshotAsync(details: false, Cancel)).Memory.Max);
    }

    private static async Task<long> UsedAsync(ManagedRedis redis)
    {
        var info = (await redis.Node.AskAsync(Cancel, "INFO", "memory")).Split('\n');
        return long.Parse(
            info.Single(line => line.StartsWith("used_memory:", StringComparison.Ordinal)).AsSpan("used_memory:".Length).Trim());
    }

    private static Task<WebApplication> StartPollerAsync(TestPartition partition, ManagedRedis redis, long limit) =>
        partition.StartPollerAsync((LocalSettings settings) =>
        {
            settings["Streams:ConnectionString"] = redis.Address;
            settings["Streams:MaxMemoryBytes"] = $"{limit}";
        });

    private static IOptions<StreamOptions> Streams(ManagedRedis redis, long limit)
    {
        var options = new StreamOptions { ConnectionString = redis.Address, MaxMemoryBytes = limit };
        options.Partitions.Add("mail");
        return Options.Create(options);
    }
}
