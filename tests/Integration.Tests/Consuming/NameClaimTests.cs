using EmailIngestion.Consuming;
using EmailIngestion.Integration.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>Tests that a paused process checks its name before it reads or starts anything.</summary>
public sealed class NameClaimTests(TestServers servers)
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task An_expired_name_is_renewed_before_it_is_used()
    {
        await using var partition = await servers.PartitionWithMailAsync(0);
        await using var group = partition.Partition.Join("worker", Lease, "aaaa");
        var time = new FakeTimeProvider();
        var claim = new NameClaim(group, time);
        Assert.True(await claim.RenewAsync(CancellationToken.None));
        await partition.Database.KeyDeleteAsync(partition.Keys.Consumer("worker"));

        Assert.True(await claim.EnsureAsync(CancellationToken.None));
        Assert.False(await partition.Database.KeyExistsAsync(partition.Keys.Consumer("worker")));
        time.Advance(NameClaim.Life);
        Assert.True(await claim.EnsureAsync(CancellationToken.None));

        Assert.Equal("aaaa", await partition.Database.StringGetAsync(partition.Keys.Consumer("worker")));
    }

    [Fact]
    public async Task A_name_that_another_process_acquired_is_not_used_again()
    {
        await using var partition = await servers.PartitionWithMailAsync(0);
        await using var group = partition.Partition.Join("worker", Lease, "aaaa");
        await using var other = partition.Partition.Join("worker", Lease, "bbbb");
        var time = new FakeTimeProvider();
        var claim = new NameClaim(group, time);
        Assert.True(await claim.RenewAsync(CancellationToken.None));
        await partition.Database.KeyDeleteAsync(partition.Keys.Consumer("worker"));
        Assert.True(await other.AcquireNameAsync(NameClaim.Life, CancellationToken.None));

        time.Advance(NameClaim.Life);

        Assert.False(await claim.EnsureAsync(CancellationToken.None));
        Assert.True(claim.IsTaken);
        // Also when the other process has unregistered since.
        await other.UnregisterAsync(CancellationToken.None);
        Assert.False(await claim.EnsureAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_name_that_was_never_acquired_is_not_renewed()
    {
        await using var partition = await servers.PartitionWithMailAsync(0);
        await using var group = partition.Partition.Join("worker", Lease, "aaaa");
        await using var other = partition.Partition.Join("worker", Lease, "bbbb");
        var claim = new NameClaim(group, TimeProvider.System);
        await other.AcquireNameAsync(NameClaim.Life, CancellationToken.None);

        Assert.False(await claim.RenewAsync(CancellationToken.None));
        Assert.False(claim.IsTaken);

        await other.UnregisterAsync(CancellationToken.None);
        Assert.True(await claim.RenewAsync(CancellationToken.None));
    }
}
