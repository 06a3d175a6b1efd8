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
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(10));
    }

    // A process that is suspended during the grace gets all of it afterwards.
    [Fact]
    public async Task A_pause_within_the_grace_does_not_use_it_up()
    {
        var time = new FakeTimeProvider();
        var ends = Grace.EndsAsync(_work.Task, time, TestContext.Current.CancellationToken);
        for (var slice = 0; slice < 3; slice++)
            await PassAsync(time, TimeSpan.FromMilliseconds(250));
        await PassAsync(time, TimeSpan.FromSeconds(19));
        for (var slice = 0; slice < 3; slice++)
            await PassAsync(time, TimeSpan.FromMilliseconds(250));
        Assert.False(ends.IsCompleted);
        await PassAsync(time, TimeSpan.FromMilliseconds(250));
        Assert.False(await ends);
    }

    [Fact]
    public async Task Endless_pauses_are_not_waited_for()
    {
        var time = new FakeTimeProvider();
        var ends = Grace.EndsAsync(_work.Task, time, TestContext.Current.CancellationToken);
        for (var pause = 0; pause < 20 && !ends.IsCompleted; pause++)
            await PassAsync(time, TimeSpan.FromSeconds(19));
        Assert.True(ends.IsCompleted);
    }

    // The continuation of a timer runs before Advance returns, or soon after on another thread.
    private static async Task PassAsync(FakeTimeProvider time, TimeSpan by)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        time.Advance(by);
        await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
    }
}
