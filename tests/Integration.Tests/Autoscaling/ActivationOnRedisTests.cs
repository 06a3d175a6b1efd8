using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Autoscaling;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.Autoscaling;

/// <summary>Tests activation from 0 and deactivation on a real Redis, with a clock that the test moves.</summary>
public sealed class ActivationOnRedisTests(TestServers servers) : IAsyncLifetime
{
    private readonly TestPartition _partition = new(servers);
    private readonly FakeTimeProvider _time = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _partition.DisposeAsync();

    [Fact]
    public async Task One_email_activates_from_0()
    {
        var autoscaler = Start();
        await _partition.EnsureGroupAsync();
        await autoscaler.PollAsync(CancellationToken.None);
        Assert.Equal(0, autoscaler.Wanted);
        await Mails.AppendAsync(_partition.Partition.Stream, 1);
        await autoscaler.PollAsync(CancellationToken.None);
        Assert.Equal(1, autoscaler.Wanted);
    }

    [Fact]
    public async Task Nothing_goes_to_0_while_anything_is_pending()
    {
        var autoscaler = Start();
        await Mails.AppendAsync(_partition.Partition.Stream, 1);
        await _partition.EnsureGroupAsync();
        await using var group = _partition.Partition.Join("busy", TimeSpan.FromSeconds(30));
        var deliveries = await group.Reader.ReadAsync(1, TimeSpan.FromSeconds(1), CancellationToken.None);
        for (var minute = 0; minute < 60; minute++)
        {
            await PassesAsync(autoscaler);
            Assert.Equal(1, autoscaler.Wanted);
        }

        await group.SettleAsync(deliveries, CancellationToken.None);
        await _partition.Partition.Stream.TrimAsync(CancellationToken.None);
        await PassesAsync(autoscaler);
        Assert.Equal(0, autoscaler.Wanted);
    }

    [Fact]
    public async Task Deliveries_of_a_crashed_consumer_activate_from_0()
    {
        await Mails.AppendAsync(_partition.Partition.Stream, 3);
        await _partition.EnsureGroupAsync();
        await using (var crashed = _partition.Partition.Join("dead", TimeSpan.FromSeconds(30)))
            await crashed.Reader.ReadAsync(3, TimeSpan.FromSeconds(1), CancellationToken.None);
        var autoscaler = Start();
        await autoscaler.PollAsync(CancellationToken.None);
        Assert.Equal(1, autoscaler.Wanted);
    }

    [Fact]
    public async Task An_unknown_lag_still_activates_from_0_by_the_length()
    {
        await Mails.AppendAsync(_partition.Partition.Stream, 10);
        await _partition.EnsureGroupAsync();
        await using (var group = _partition.Partition.Join("busy", TimeSpan.FromSeconds(30)))
        {
            var read = await group.Reader.ReadAsync(2, TimeSpan.FromSeconds(1), CancellationToken.None);
            await group.SettleAsync(read, CancellationToken.None);
        }

        await _partition.Database.StreamDeleteAsync(
            _partition.Keys.Stream, [(await _partition.Database.StreamRangeAsync(_partition.Keys.Stream, "-", "+"))[5].Id]);
        var autoscaler = Start();
        await autoscaler.PollAsync(CancellationToken.None);
        Assert.Equal(1, autoscaler.Wanted);
        Assert.Equal([false, false, true], autoscaler.State(0, 0).Triggers.Select(trigger => trigger.IsActive));
    }

    private Autoscaler Start() => new(TestScaledObject.Read(_partition), new RedisTriggers(_partition.Connection).ReadAsync, _time);

    private async Task PassesAsync(Autoscaler autoscaler)
    {
        _time.Advance(TimeSpan.FromMinutes(1));
        await autoscaler.PollAsync(CancellationToken.None);
        await autoscaler.SyncAsync(autoscaler.Wanted, CancellationToken.None);
    }
}
