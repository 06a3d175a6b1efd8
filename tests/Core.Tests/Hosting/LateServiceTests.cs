using EmailIngestion.Health;
using EmailIngestion.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Core.Tests.Hosting;

public sealed class LateServiceTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Recorded _service = new();
    private readonly Heartbeats _heartbeats;
    private readonly LateService<Recorded> _late;

    public LateServiceTests()
    {
        _heartbeats = new Heartbeats(_time, "a", "b");
        _late = new LateService<Recorded>(_service, _heartbeats, _time);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _late.Dispose();
        _service.Dispose();
    }

    [Fact]
    public async Task It_starts_a_second_after_each_loop_has_succeeded_once()
    {
        await _late.StartAsync(Cancel);
        _time.Advance(TimeSpan.FromSeconds(3));
        _heartbeats.Succeeded("a");
        _heartbeats.Succeeded("b");
        Assert.False(_service.Started.Task.IsCompleted);
        await AdvanceUntilStartedAsync();
        Assert.True(_time.GetUtcNow() - _time.Start >= TimeSpan.FromSeconds(4));

        await _late.StopAsync(Cancel);
        Assert.True(_service.IsStopped);
    }

    [Fact]
    public async Task It_starts_at_once_where_no_loop_is_expected()
    {
        using var late = new LateService<Recorded>(_service, new Heartbeats(_time), _time);
        await late.StartAsync(Cancel);
        await _service.Started.Task.WaitAsync(Cancel);
    }

    [Fact]
    public async Task A_failure_of_the_service_is_its_own()
    {
        using var late = new LateService<Recorded>(_service, new Heartbeats(_time), _time);
        await late.StartAsync(Cancel);
        _service.Fail();
        await Assert.ThrowsAsync<InvalidOperationException>(() => late.ExecuteTask!);
    }

    [Fact]
    public async Task It_starts_some_seconds_later_where_a_loop_has_no_success()
    {
        await _late.StartAsync(Cancel);
        _heartbeats.Succeeded("a");
        await AdvanceUntilStartedAsync();
        Assert.True(_time.GetUtcNow() - _time.Start >= TimeSpan.FromSeconds(6));
    }

    [Fact]
    public async Task It_neither_starts_nor_stops_after_an_early_stop()
    {
        await _late.StartAsync(Cancel);
        await _late.StopAsync(Cancel);
        _heartbeats.Succeeded("a");
        _heartbeats.Succeeded("b");
        Assert.False(_service.Started.Task.IsCompleted);
        Assert.False(_service.IsStopped);
    }

    private async Task AdvanceUntilStartedAsync()
    {
        while (!_service.Started.Task.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancel);
        }
    }

    private sealed class Recorded : BackgroundService
    {
        private readonly TaskCompletionSource _failure = new();

        public TaskCompletionSource Started { get; } = new();

        public bool IsStopped { get; private set; }

        public void Fail() => _failure.SetException(new InvalidOperationException("broken"));

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            Started.SetResult();
            try
            {
                await _failure.Task.WaitAsync(stoppingToken);
            }
            catch (OperationCanceledException)
            {
                IsStopped = true;
            }
        }
    }
}
