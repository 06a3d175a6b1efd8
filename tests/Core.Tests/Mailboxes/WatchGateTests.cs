using EmailIngestion.Mailboxes;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

/// <summary>The hand-over of a connection between a watch and the polls.</summary>
public sealed class WatchGateTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    private readonly WatchGate _gate = new();

    public void Dispose() => _gate.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_poll_waits_until_the_watch_has_left_and_the_watch_until_the_poll_has_ended()
    {
        var stay = await _gate.EnterAsync(Token);
        var pausing = _gate.PauseAsync(Token);
        await WantedAsync(stay);
        Assert.False(pausing.IsCompleted);

        stay.Dispose();
        var pause = await pausing.WaitAsync(Soon, TimeProvider.System, Token);
        var entering = _gate.EnterAsync(Token);
        Assert.False(entering.IsCompleted);

        pause.Dispose();
        Assert.False((await entering.WaitAsync(Soon, TimeProvider.System, Token)).Wanted.IsCancellationRequested);
    }

    [Fact]
    public async Task A_poll_without_a_watch_does_not_wait()
    {
        using var first = await _gate.PauseAsync(Token);
        using var second = await _gate.PauseAsync(Token);
        Assert.False(_gate.GiveWay());
    }

    [Fact]
    public async Task Only_a_watch_with_a_connection_gives_way_and_only_once()
    {
        using var stay = await _gate.EnterAsync(Token);
        Assert.False(_gate.GiveWay());
        using (stay.Connect())
        {
            Assert.True(_gate.GiveWay());
            Assert.False(_gate.GiveWay());
            await WantedAsync(stay);
        }
    }

    // The poll would wait for a connection that another watch has, and which nothing asks for.
    [Fact]
    public async Task A_watch_that_has_returned_its_connection_does_not_give_way()
    {
        using var stay = await _gate.EnterAsync(Token);
        stay.Connect().Dispose();
        Assert.False(_gate.GiveWay());
        Assert.False(stay.Wanted.IsCancellationRequested);
    }

    [Fact]
    public async Task A_poll_that_gives_up_waiting_pauses_nothing()
    {
        var stay = await _gate.EnterAsync(Token);
        using var stop = new CancellationTokenSource();
        var pausing = _gate.PauseAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pausing);
        stay.Dispose();
        using var next = await _gate.EnterAsync(Token).WaitAsync(Soon, TimeProvider.System, Token);
    }

    private static async Task WantedAsync(WatchGate.Stay stay)
    {
        var wanted = new TaskCompletionSource();
        await using (stay.Wanted.Register(wanted.SetResult))
            await wanted.Task.WaitAsync(Soon, TimeProvider.System, Token);
    }
}
