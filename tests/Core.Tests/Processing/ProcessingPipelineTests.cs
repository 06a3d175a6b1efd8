using EmailIngestion.Consuming;
using EmailIngestion.Core.Tests.Configuration;
using EmailIngestion.Hosting;
using EmailIngestion.Messages;
using EmailIngestion.Processing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Polly.CircuitBreaker;
using Polly.Timeout;
using Xunit;

namespace EmailIngestion.Core.Tests.Processing;

public sealed class ProcessingPipelineTests : IAsyncDisposable
{
    private static readonly TimeSpan Break = TimeSpan.FromSeconds(30);
    private static readonly Exception TooComplex = new MessageTooComplexException("Processing:MaxParts", 5_000, 5_001);

    private readonly FakeTimeProvider _time = new();
    private readonly ServiceProvider _services;
    private readonly ProcessorGuard _guard;
    private readonly Circuit _circuit;

    public ProcessingPipelineTests()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(Start.Good(("Processing:BreakerMinimumThroughput", "3"), ("Processing:MaxRetryAfter", "00:01:00")))
            .Build();
        _services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(_time)
            .AddEmailIngestion(configuration).BuildServiceProvider();
        _guard = _services.GetRequiredService<ProcessorGuards>().Of("any");
        _circuit = _services.GetRequiredService<Circuits>().All[0];
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task A_transient_failure_is_retried_within_the_delivery()
    {
        var tries = 0;
        await RunOnAsync(_ => ++tries < 3 ? throw new TransientFailureException("away") : Task.CompletedTask);
        Assert.Equal(3, tries);
    }

    [Fact]
    public async Task After_the_last_retry_the_failure_is_reported()
    {
        var tries = 0;
        await Assert.ThrowsAsync<HttpRequestException>(() => RunOnAsync(_ =>
        {
            tries++;
            throw new HttpRequestException("away");
        }));
        Assert.Equal(3, tries);
    }

    [Fact]
    public async Task A_failure_that_another_try_cannot_fix_is_not_retried()
    {
        Exception[] errors =
            [new PermanentFailureException("no"), TooComplex, new InvalidOperationException("bug"), new OperationCanceledException()];
        foreach (var error in errors)
        {
            var tries = 0;
            await Assert.ThrowsAsync(error.GetType(), () => RunAsync(_ =>
            {
                tries++;
                throw error;
            }));
            Assert.Equal(1, tries);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task A_short_wait_that_the_dependency_asks_for_is_within_the_delivery(int asked)
    {
        var started = _time.GetTimestamp();
        var tries = new List<double>();
        await RunOnAsync(_ =>
        {
            tries.Add(_time.GetElapsedTime(started).TotalSeconds);
            return tries.Count == 1 ? throw new TransientFailureException("busy", TimeSpan.FromSeconds(asked)) : Task.CompletedTask;
        });
        Assert.Equal(2, tries.Count);
        Assert.InRange(tries[1] - tries[0], asked, asked + 0.2);
    }

    [Theory]
    [InlineData(5.001)]
    [InlineData(600)]
    public async Task A_longer_wait_ends_the_delivery_at_once(double asked)
    {
        var tries = 0;
        await Assert.ThrowsAsync<TransientFailureException>(() => RunAsync(_ =>
        {
            tries++;
            throw new TransientFailureException("busy", TimeSpan.FromSeconds(asked));
        }));
        Assert.Equal(1, tries);
    }

    [Fact]
    public async Task An_attempt_that_took_too_long_is_not_repeated_beside_itself()
    {
        var tries = 0;
        await Assert.ThrowsAsync<TimeoutRejectedException>(() => RunOnAsync(_ =>
        {
            tries++;
            throw new TimeoutRejectedException();
        }));
        Assert.Equal(1, tries);
    }

    [Fact]
    public async Task Successes_outside_the_pipeline_count_for_the_ratio_of_failures()
    {
        for (var i = 0; i < 4; i++)
            await _guard.CountSuccessAsync();
        for (var i = 0; i < 3; i++)
            await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(_ => throw new InvalidOperationException("down")));
        Assert.Equal(CircuitState.Closed, _circuit.State);
        await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(_ => throw new InvalidOperationException("down")));
        Assert.Equal(CircuitState.Open, _circuit.State);
    }

    [Fact]
    public async Task A_success_outside_the_pipeline_does_not_close_an_open_circuit()
    {
        await OpenAsync();
        _time.Advance(Break);
        await _guard.CountSuccessAsync();
        Assert.Equal(CircuitState.Open, _circuit.State);
    }

    [Fact]
    public async Task Failures_open_the_circuit_and_a_trial_that_succeeds_closes_it()
    {
        await OpenAsync();
        await Assert.ThrowsAsync<BrokenCircuitException>(() => RunAsync(_ => Task.CompletedTask));
        AssertOpen();
        _time.Advance(Break);
        await RunAsync(_ =>
        {
            Assert.Equal(CircuitState.HalfOpen, _circuit.State);
            Assert.Equal(0, _circuit.Allowance().Count);
            return Task.CompletedTask;
        });
        Assert.Equal(CircuitState.Closed, _circuit.State);
    }

    [Fact]
    public async Task A_trial_that_fails_opens_it_again()
    {
        await OpenAsync();
        _time.Advance(Break);
        await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(_ => throw new InvalidOperationException("still")));
        AssertOpen();
    }

    // A circuit that stayed half-open would stop reading permanently, so every end of a trial must change it.
    [Fact]
    public async Task A_trial_that_does_not_test_the_dependency_leaves_no_half_open_circuit()
    {
        Exception[] errors = [new PermanentFailureException("the email's fault"), TooComplex, new OperationCanceledException("ours")];
        foreach (var error in errors)
        {
            await OpenAsync();
            _time.Advance(Break);
            await Assert.ThrowsAsync(error.GetType(), () => RunAsync(_ => throw error));
            Assert.NotEqual(CircuitState.HalfOpen, _circuit.State);
            Assert.NotEqual(0, _circuit.Allowance().Count);
        }
    }

    [Fact]
    public async Task Permanent_failures_do_not_open_the_circuit()
    {
        for (var i = 0; i < 20; i++)
            await Assert.ThrowsAsync<PermanentFailureException>(() => RunAsync(_ => throw new PermanentFailureException("no")));
        Assert.Equal(CircuitState.Closed, _circuit.State);
    }

    [Fact]
    public async Task Failures_of_the_email_itself_do_not_open_the_circuit()
    {
        for (var i = 0; i < 20; i++)
            await Assert.ThrowsAsync<EmailFailureException>(
                () => RunAsync(_ => throw new EmailFailureException(new IOException("parsing"))));
        Assert.Equal(CircuitState.Closed, _circuit.State);
    }

    [Fact]
    public async Task Emails_that_are_too_complex_do_not_open_the_circuit()
    {
        for (var i = 0; i < 20; i++)
            await Assert.ThrowsAsync<MessageTooComplexException>(() => RunAsync(_ => throw TooComplex));
        Assert.Equal(CircuitState.Closed, _circuit.State);
    }

    private void AssertOpen()
    {
        var (count, wait) = _circuit.Allowance();
        Assert.Equal(0, count);
        Assert.InRange(wait, Break - TimeSpan.FromSeconds(1), Break);
    }

    private async Task OpenAsync()
    {
        for (var i = 0; i < 3; i++)
            await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(_ => throw new InvalidOperationException("down")));
        Assert.True(_circuit.IsOpen);
    }

    private Task RunAsync(Func<CancellationToken, Task> work) =>
        _guard.Pipeline.ExecuteAsync(async token => await work(token), TestContext.Current.CancellationToken).AsTask()
            .WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, TestContext.Current.CancellationToken);

    // Without a synchronization context every step runs on the thread that moves the clock, so the clock is never ahead of the pipeline.
    private async Task RunOnAsync(Func<CancellationToken, Task> work)
    {
        SynchronizationContext.SetSynchronizationContext(null);
        var run = RunAsync(work);
        for (var step = 0; step < 1_000 && !run.IsCompleted; step++)
            _time.Advance(TimeSpan.FromMilliseconds(100));
        await run;
    }
}
