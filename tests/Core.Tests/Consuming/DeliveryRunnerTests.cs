using EmailIngestion.Consuming;
using EmailIngestion.Core.Tests.Configuration;
using EmailIngestion.Core.Tests.Messages;
using EmailIngestion.Hosting;
using EmailIngestion.Processing;
using EmailIngestion.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Polly.CircuitBreaker;
using Polly.Timeout;
using Xunit;

namespace EmailIngestion.Core.Tests.Consuming;

public sealed class DeliveryRunnerTests : IAsyncDisposable
{
    private const int Throughput = 3;

    private static readonly TimeSpan Break = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LeaseTime = TimeSpan.FromMinutes(5);

    private readonly FakeTimeProvider _time = new();
    private readonly ServiceProvider _services;
    private readonly Circuit _circuit;
    private int _entries;

    public DeliveryRunnerTests()
    {
        _services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(_time)
            .AddEmailIngestion(Start.Configuration(Start.Good(
                ("Processing:Processor", "mine"),
                ("Processing:Retries", "0"),
                ("Processing:BreakerMinimumThroughput", $"{Throughput}"),
                ("Processing:AttemptTimeout", $"{AttemptTimeout}"),
                ("Processing:BreakDuration", $"{Break}"))))
            .AddSingleton<Work>()
            .AddEmailProcessor<Scripted>("mine", ServiceLifetime.Singleton)
            .BuildServiceProvider();
        _circuit = _services.GetRequiredService<Circuits>().All[0];
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    // The failure says nothing about the dependency as it is now, so it is no test of it.
    [Fact]
    public async Task A_failure_of_an_attempt_from_before_the_circuit_opened_is_no_test()
    {
        using var lease = Lease();
        var (failure, hanging) = await StartHangingAsync(lease);
        await OpenAsync();
        _time.Advance(Break);

        failure.SetException(new TransientFailureException("down"));

        Assert.Equal(new Outcome.Retry(Counted: false, OutcomePolicy.CircuitOpen), (await hanging) with { Error = null });
        Assert.Equal((CircuitState.Open, 1), (_circuit.State, _circuit.Allowance().Count));
    }

    [Fact]
    public async Task Failures_of_attempts_from_before_an_outage_do_not_open_the_circuit_after_it()
    {
        using var lease = Lease();
        var hanging = new List<(TaskCompletionSource Failure, Task<Outcome> Run)>();
        for (var i = 0; i < Throughput; i++)
            hanging.Add(await StartHangingAsync(lease));
        await OpenAsync();
        _time.Advance(Break);
        Assert.IsType<Outcome.Completed>(await RunAsync(_ => Task.CompletedTask));

        foreach (var (failure, run) in hanging)
        {
            failure.SetException(new InvalidOperationException("down"));
            await run;
        }

        Assert.Equal(CircuitState.Closed, _circuit.State);
    }

    // The timeout of the processor and that of the attempt are equal, and the dependency hangs.
    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public async Task A_processor_that_cancels_itself_when_its_time_is_over_has_timed_out(int later)
    {
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = RunAsync(async _ =>
        {
            using var own = new CancellationTokenSource(AttemptTimeout + TimeSpan.FromMilliseconds(later), _time);
            waits.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, own.Token);
        });
        await waits.Task;

        _time.Advance(AttemptTimeout);
        _time.Advance(TimeSpan.FromMilliseconds(later));

        Assert.IsType<TimeoutRejectedException>(Assert.IsType<Outcome.Postponed>(await run).Error);
    }

    [Fact]
    public async Task A_processor_that_cancels_itself_earlier_has_failed()
    {
        var retry = Assert.IsType<Outcome.Retry>(await RunAsync(_ => throw new OperationCanceledException()));
        Assert.True(retry.Counted);
    }

    // Its lease is over by our clock, but no other consumer can have the entry yet.
    [Fact]
    public async Task A_failure_counts_although_the_lease_has_stopped_meanwhile()
    {
        using var lease = Lease();
        var (failure, run) = await StartHangingAsync(lease);
        _time.Advance(LeaseTime * 0.95);
        lease.Check();
        Assert.True(lease.Stop.IsCancellationRequested);

        failure.SetException(new PermanentFailureException("no such receiver"));

        var deadLetter = Assert.IsType<Outcome.DeadLetter>(await run);
        Assert.Equal(DeadLetterReasons.Permanent, deadLetter.Failure.Reason);
    }

    private async Task<(TaskCompletionSource Failure, Task<Outcome> Run)> StartHangingAsync(Lease lease)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var failure = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = RunAsync(lease, _ =>
        {
            started.SetResult();
            return failure.Task;
        });
        await started.Task;
        return (failure, run);
    }

    private async Task OpenAsync()
    {
        for (var i = 0; i < Throughput; i++)
            await RunAsync(_ => throw new InvalidOperationException("down"));
        Assert.Equal(CircuitState.Open, _circuit.State);
    }

    private async Task<Outcome> RunAsync(Func<CancellationToken, Task> work)
    {
        using var lease = Lease();
        return await RunAsync(lease, work);
    }

    private async Task<Outcome> RunAsync(Lease lease, Func<CancellationToken, Task> work)
    {
        _services.GetRequiredService<Work>().Run = work;
        return await _services.GetRequiredService<DeliveryRunner>().RunAsync(lease, lease.Delivery.Message!, "");
    }

    private Lease Lease() =>
        new(new Delivery($"{++_entries}-1", 1, Mail.Of("Subject: x\r\n\r\n"), null), LeaseTime, _time);

    private sealed class Work
    {
        public Func<CancellationToken, Task> Run { get; set; } = _ => Task.CompletedTask;
    }

    private sealed class Scripted(Work work) : IEmailProcessor
    {
        public Task ProcessAsync(EmailDelivery delivery, CancellationToken cancellationToken) => work.Run(cancellationToken);
    }
}
