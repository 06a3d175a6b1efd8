using System.Collections.Concurrent;
using EmailIngestion.Hosting;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Processing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

public sealed class ScopedProcessorTests(TestServers servers)
{
    private readonly Sessions _sessions = new();

    [Fact]
    public async Task Each_delivery_has_its_own_scope_that_ends_with_it()
    {
        await using var partition = await servers.PartitionWithMailAsync(3);

        await StartAsync(partition, (_, _, _) => Task.CompletedTask);
        await partition.DrainedAsync();

        // The processor and its repository share one session, and no other run uses it.
        Assert.Equal(3, _sessions.Seen.Distinct().Count());
        await Eventually.TrueAsync(() => _sessions.Disposed == 3, "every scope has ended");
        Assert.Equal(3, _sessions.Made);
    }

    [Fact]
    public async Task A_failed_run_leaves_no_state_for_the_next()
    {
        await using var partition = await servers.PartitionWithMailAsync(1);
        var runs = 0;

        await StartAsync(partition, (_, _, _) => Interlocked.Increment(ref runs) switch
        {
            // Retried within the delivery, then in another delivery.
            1 => throw new TransientFailureException("not now"),
            2 => throw new InvalidOperationException("broken"),
            _ => Task.CompletedTask,
        });
        await partition.DrainedAsync();

        Assert.Equal(3, _sessions.Seen.Distinct().Count());
        await Eventually.TrueAsync(() => _sessions.Disposed == 3, "the scopes of failed runs have ended too");
    }

    [Fact]
    public async Task An_abandoned_run_keeps_its_scope_until_it_ends()
    {
        await using var partition = await servers.PartitionWithMailAsync(1);
        var hanging = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var runs = 0;

        await StartAsync(
            partition,
            (_, _, _) => Interlocked.Increment(ref runs) == 1 ? hanging.Task : Task.CompletedTask,
            ("Processing:AttemptTimeout", "00:00:00.300"));
        await partition.DrainedAsync();
        await Eventually.TrueAsync(() => _sessions.Disposed == 1, "the scope of the run that completed has ended");
        Assert.False(_sessions.Seen.First().IsDisposed);

        hanging.SetResult();
        await Eventually.TrueAsync(() => _sessions.Disposed == 2, "the scope of the abandoned run has ended");
    }

    [Fact]
    public async Task A_processor_receives_the_delivery_count()
    {
        await using var partition = await servers.PartitionWithMailAsync(1);
        var entry = (await partition.Database.StreamRangeAsync(partition.Keys.Stream))[0].Id.ToString();
        var seen = new ConcurrentQueue<EmailDelivery>();

        await StartAsync(partition, (delivery, _, _) =>
        {
            seen.Enqueue(delivery);
            return delivery.DeliveryCount < 3 ? throw new InvalidOperationException("broken") : Task.CompletedTask;
        });
        await partition.DrainedAsync();

        Assert.Equal([1, 2, 3], seen.Select(delivery => delivery.DeliveryCount));
        Assert.All(seen, delivery => Assert.Equal(
            (1u, partition.Name, entry.Split('-')[0]),
            (delivery.Email.Uid, delivery.Partition, $"{delivery.AppendedAt.ToUnixTimeMilliseconds()}")));
    }

    private async Task<WebApplication> StartAsync(
        TestPartition partition, Func<EmailDelivery, Session, CancellationToken, Task> run, params (string Name, string Value)[] more)
    {
        var settings = partition.Settings();
        settings["Polling:Enabled"] = "false";
        settings["Processing:Processor"] = "scoped";
        settings["Consumer:Lease"] = "00:00:03";
        settings["Consumer:LeaseRenewal"] = "00:00:00.300";
        foreach (var (name, value) in more)
            settings[name] = value;
        var host = await partition.StartHostAsync(settings, services => services
            .AddSingleton(_sessions)
            .AddSingleton(run)
            .AddScoped<Session>()
            .AddScoped<Repository>()
            .AddEmailProcessor<ScopedProcessor>("scoped"));
        return host;
    }

    private sealed class Sessions
    {
        private int _made;
        private int _disposed;

        public ConcurrentQueue<Session> Seen { get; } = [];

        public int Made => Volatile.Read(ref _made);

        public int Disposed => Volatile.Read(ref _disposed);

        public void Make() => Interlocked.Increment(ref _made);

        public void Dispose() => Interlocked.Increment(ref _disposed);
    }

    // Only IAsyncDisposable: a scope that is disposed synchronously would throw.
    private sealed class Session : IAsyncDisposable
    {
        private readonly Sessions _sessions;

        public Session(Sessions sessions)
        {
            _sessions = sessions;
            sessions.Make();
        }

        public bool IsDisposed { get; private set; }

        public async ValueTask DisposeAsync()
        {
            await Task.Yield();
            IsDisposed = true;
            _sessions.Dispose();
        }
    }

    private sealed class Repository(Session session)
    {
        public Session Session => session;
    }

    private sealed class ScopedProcessor(
        Session session, Repository repository, Sessions sessions,
        Func<EmailDelivery, Session, CancellationToken, Task> run) : IEmailProcessor
    {
        public Task ProcessAsync(EmailDelivery delivery, CancellationToken cancellationToken)
        {
            Assert.Same(session, repository.Session);
            sessions.Seen.Enqueue(session);
            return run(delivery, session, cancellationToken);
        }
    }
}
