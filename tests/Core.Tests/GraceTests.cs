using System.Diagnostics;
using EmailIngestion.Processing;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Core.Tests;

public sealed class GraceTests
{
    private readonly TaskCompletionSource _work = new();

    [Fact]
    public async Task Work_that_has_ended_is_seen_at_once()
    {
        _work.SetResult();
        Assert.True(await Grace.EndsAsync(_work.Task, new FakeTimeProvider(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Work_that_fails_within_the_moment_has_ended()
    {
        var ends = Grace.EndsAsync(_work.Task, new FakeTimeProvider(), TestContext.Current.CancellationToken);
        _work.SetException(new InvalidOperationException());
        Assert.True(await ends);
    }

    [Fact]
    public async Task Work_that_goes_on_has_one_second_to_end()
    {
        var started = Stopwatch.GetTimestamp();
        Assert.False(await Grace.EndsAsync(_work.Task, TimeProvider.System, TestContext.Current.CancellationToken));
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(60));
    }

    // A process that is suspended during the grace gets all of it afterwards.
    [Fact]
    public async Task A_pause_within_the_grace_does_not_use_it_up()
    {
        var (time, ends) = Start();
        for (var slice = 0; slice < 3; slice++)
            time.Advance(TimeSpan.FromMilliseconds(250));
        time.Advance(TimeSpan.FromSeconds(19));
        for (var slice = 0; slice < 3; slice++)
            time.Advance(TimeSpan.FromMilliseconds(250));
        Assert.False(ends.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(250));
        Assert.True(ends.IsCompleted);
        Assert.False(await ends);
    }

    [Fact]
    public void Endless_pauses_are_not_waited_for()
    {
        var (time, ends) = Start();
        for (var pause = 0; pause < 20 && !ends.IsCompleted; pause++)
            time.Advance(TimeSpan.FromSeconds(19));
        Assert.True(ends.IsCompleted);
    }

    // Without a synchronization context every step runs on the thread that moves the clock.
    private (FakeTimeProvider Time, Task<bool> Ends) Start()
    {
        SynchronizationContext.SetSynchronizationContext(null);
        var time = new FakeTimeProvider();
        return (time, Grace.EndsAsync(_work.Task, time, TestContext.Current.CancellationToken));
    }
}
