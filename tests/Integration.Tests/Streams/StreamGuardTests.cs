using EmailIngestion.DevServers;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using Microsoft.Extensions.Logging.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

public sealed class StreamGuardTests(TestServers servers)
{
    [Fact]
    public async Task A_Redis_that_evicts_keys_is_refused_with_the_reason()
    {
        await using var redis = await StartAsync("allkeys-lru");

        var refused = await Assert.ThrowsAsync<StreamRefusedException>(() => redis.Guard.CheckServersAsync(CancellationToken.None));

        Assert.Contains("maxmemory-policy 'allkeys-lru'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Streams:AllowEviction", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("allkeys-lru", true)]
    [InlineData("noeviction", false)]
    public async Task A_Redis_that_does_not_evict_keys_or_may_do_so_is_accepted(string policy, bool allowed)
    {
        await using var redis = await StartAsync(policy, allowed);

        await redis.Guard.CheckServersAsync(CancellationToken.None);
    }

    [Theory]
    [InlineData(false, "", "Redis keeps nothing on disk")]
    [InlineData(false, "3600 1", "Redis has appendonly no: when it crashes")]
    [InlineData(true, "", null)]
    public async Task A_Redis_with_too_little_persistence_is_a_warning_once_and_in_the_status(bool appendOnly, string save, string? warning)
    {
        await using var redis =
            await OwnRedisServer.StartAsync(new RedisProcessOptions { AppendOnly = appendOnly, ExtraArguments = ["--save", save] });
        await AssertWarnedAsync(redis, warning);
    }

    [Fact]
    public async Task Without_CONFIG_the_warning_uses_the_values_of_INFO()
    {
        await using var redis =
            await OwnRedisServer.StartAsync(new RedisProcessOptions { ExtraArguments = ["--rename-command", "CONFIG", ""] });
        await AssertWarnedAsync(redis, "Redis has appendonly no: when it crashes");
    }

    [Fact]
    public async Task Entries_that_are_older_than_the_group_are_delivered()
    {
        await using var partition = new TestPartition(servers);
        await Mails.AppendAsync(partition.Partition.Stream, 3);

        await partition.EnsureGroupAsync();

        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        Assert.Equal(3, (await group.Reader.ReadAsync(10, TimeSpan.FromSeconds(1), CancellationToken.None)).Count);
    }

    [Fact]
    public async Task Stream_and_group_are_created_only_when_they_are_missing()
    {
        await using var partition = new TestPartition(servers);
        await partition.EnsureGroupAsync();
        Assert.Equal(
            [$"{partition.Keys.Stream} group {StreamKeys.Group} last=0-0 lag=0"], await RedisState.OfAsync(partition));
        await Mails.AppendAsync(partition.Partition.Stream, 3);
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        await group.Reader.ReadAsync(2, TimeSpan.FromSeconds(1), CancellationToken.None);
        var before = await RedisState.OfAsync(partition);

        await partition.EnsureGroupAsync();

        Assert.Equal(before, await RedisState.OfAsync(partition));
    }

    private static async Task AssertWarnedAsync(OwnRedisServer redis, string? warning)
    {
        var logger = new FakeLogger<StreamGuard>();
        var guard = new StreamGuard(redis.Connection, redis.Options, logger);

        await guard.CheckServersAsync(CancellationToken.None);
        await guard.CheckServersAsync(CancellationToken.None);
        await guard.EnsureGroupAsync(redis.Partition.Keys, CancellationToken.None);

        var lines = logger.Collector.GetSnapshot().Select(line => line.Message).ToArray();
        var shown = (await redis.Partition.Inspector.ReadSnapshotAsync(details: true, CancellationToken.None)).Warnings;
        Assert.Equal(lines, shown);
        Assert.Equal(warning is null ? 0 : 1, lines.Length);
        Assert.All(lines, line => Assert.StartsWith(warning!, line, StringComparison.Ordinal));
    }

    private static Task<OwnRedisServer> StartAsync(string policy, bool allowed = false) => OwnRedisServer.StartAsync(
        new RedisProcessOptions { MaxMemoryBytes = 50_000_000, ExtraArguments = ["--maxmemory-policy", policy] },
        options => options.AllowEviction = allowed);
}
