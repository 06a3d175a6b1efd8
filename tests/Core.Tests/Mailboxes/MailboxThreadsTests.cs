using EmailIngestion.Mailboxes;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

/// <summary>The threads of the polls' blocking calls.</summary>
public sealed class MailboxThreadsTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private readonly MailboxThreads _threads = new();

    public void Dispose() => _threads.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_thread_that_waits_runs_the_next_call()
    {
        // It waits a moment after its call has returned.
        var seen = new HashSet<Thread>();
        var deadline = TimeProvider.System.GetTimestamp();
        while (seen.Add(await RunAsync(() => Thread.CurrentThread)))
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < Deadline, "Each call has had a new thread.");
    }

    [Fact]
    public async Task Calls_do_not_wait_for_each_other()
    {
        const int Calls = 20;
        for (var round = 0; round < 2; round++)
        {
            using var all = new Barrier(Calls);
            await Task.WhenAll(Enumerable.Range(0, Calls).Select(_ => RunAsync(() => all.SignalAndWait(Deadline, Token))))
                .WaitAsync(Deadline, TimeProvider.System, Token);
        }
    }

    [Fact]
    public async Task A_call_is_not_on_the_thread_pool_but_the_tasks_it_begins_are()
    {
        Assert.Equal(
            (false, true),
            await RunAsync(() => (Thread.CurrentThread.IsThreadPoolThread, YieldAsync().GetAwaiter().GetResult())));

        static async Task<bool> YieldAsync()
        {
            await Task.Yield();
            return Thread.CurrentThread.IsThreadPoolThread;
        }
    }

    [Fact]
    public async Task A_failed_call_ends_no_thread()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync<int>(() => throw new InvalidOperationException()));
        Assert.Equal(1, await RunAsync(() => 1));
    }

    [Fact]
    public async Task The_end_ends_the_threads_that_wait()
    {
        var thread = await RunAsync(() => Thread.CurrentThread);
        // What follows a call may run on its thread.
        await Task.Yield();
        _threads.Dispose();
        Assert.True(thread.Join(Deadline));
        Assert.Equal(1, await RunAsync(() => 1));
    }

    private Task<T> RunAsync<T>(Func<T> call) => _threads.RunAsync(call, Token).WaitAsync(Deadline, TimeProvider.System, Token);
}
