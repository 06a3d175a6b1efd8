using EmailIngestion.Core.Tests.Messages;
using EmailIngestion.Streams;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Core.Tests.Streams;

public sealed class LeaseTests : IDisposable
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(60);

    private readonly FakeTimeProvider _time = new();
    private readonly Lease _lease;

    public LeaseTests() => _lease = new Lease(new Delivery("1-1", 1, Mail.Of("Subject: x\r\n\r\n"), null), Life, _time);

    public void Dispose() => _lease.Dispose();

    [Fact]
    public void A_lease_ends_early_here_and_Redis_keeps_it_for_its_whole_time()
    {
        _time.Advance(Life * 0.95);
        _lease.Check();
        Assert.True(_lease.IsLost);
        Assert.True(_lease.Stop.IsCancellationRequested);
        Assert.True(_lease.MayBeOurs);
        _time.Advance(Life * 0.05);
        Assert.False(_lease.MayBeOurs);
    }

    [Fact]
    public void A_lease_that_is_lost_or_released_ends_at_once()
    {
        _lease.Lose();
        Assert.True(_lease.IsLost);
        Assert.False(_lease.MayBeOurs);
        using var other = new Lease(_lease.Delivery, Life, _time);
        other.Abandon();
        Assert.False(other.MayBeOurs);
        Assert.False(other.IsLost);
    }
}
