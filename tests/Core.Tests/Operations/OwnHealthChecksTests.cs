using EmailIngestion.Hosting;
using EmailIngestion.Operations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Core.Tests.Operations;

/// <summary>Health checks that a user's app adds by <c>AddHealthChecks()</c>.</summary>
public sealed class OwnHealthChecksTests : IAsyncDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    private readonly FakeTimeProvider _time = new();
    private readonly FakeLogCollector _log = new();
    private readonly ServiceCollection _services = new();
    private ServiceProvider? _provider;
    private IngestionHealth? _health;

    public OwnHealthChecksTests() => _services
        .AddSingleton<TimeProvider>(_time)
        .AddLogging(logging => logging.AddIngestionLogging().ClearProviders().AddProvider(new FakeLoggerProvider(_log)))
        .AddBoundedChecks();

    private IHealthChecksBuilder Checks => _services.AddHealthChecks();

    [Theory]
    [InlineData("", false, true)]
    [InlineData("db", false, true)]
    [InlineData("ready", false, true)]
    [InlineData("live", true, false)]
    [InlineData("live ready", true, true)]
    public async Task A_check_counts_by_its_tags(string tags, bool live, bool ready)
    {
        Checks.AddCheck("own", () => HealthCheckResult.Unhealthy("away"), tags.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        var isLive = await LiveAsync();
        var isReady = await ReadyAsync();

        Assert.Equal((!live, !ready), (isLive.IsHealthy, isReady.IsHealthy));
        Assert.Equal(live ? ["own: away"] : [], isLive.Problems);
        Assert.Equal(ready ? ["own: away"] : [], isReady.Problems);
    }

    [Fact]
    public async Task A_degraded_check_is_listed_and_stays_ready()
    {
        Checks.AddCheck("own", () => HealthCheckResult.Degraded("slow"));

        var answer = await ReadyAsync();

        Assert.True(answer.IsHealthy);
        Assert.Equal(["own: slow"], answer.Problems);
    }

    [Fact]
    public async Task A_check_that_throws_is_named_without_the_text_of_its_exception()
    {
        Checks
            .AddCheck("throws", () => throw new InvalidOperationException("password=secret"))
            .AddCheck("returns", () => HealthCheckResult.Unhealthy("away: password=secret", new IOException("password=secret")))
            .AddCheck("other", () => HealthCheckResult.Unhealthy("away", new IOException("password=secret")));

        var answer = await ReadyAsync();

        Assert.False(answer.IsHealthy);
        Assert.Equal(["throws: failed (InvalidOperationException)", "returns: failed (IOException)", "other: away"], answer.Problems);
    }

    [Fact]
    public async Task A_check_that_cannot_be_created_is_named()
    {
        Checks.Add(new HealthCheckRegistration("own", _ => throw new InvalidOperationException("no such service"), null, null));

        Assert.Equal(["own: failed (InvalidOperationException)"], (await ReadyAsync()).Problems);
    }

    [Theory]
    [InlineData(HealthStatus.Unhealthy, false, "own: is unhealthy")]
    [InlineData(HealthStatus.Degraded, true, "own: is degraded")]
    public async Task A_check_without_a_description_is_named_with_its_status(HealthStatus status, bool isHealthy, string problem)
    {
        Checks.AddCheck("own", () => new HealthCheckResult(status));

        var answer = await ReadyAsync();

        Assert.Equal(isHealthy, answer.IsHealthy);
        Assert.Equal([problem], answer.Problems);
    }

    [Fact]
    public async Task A_description_is_one_bounded_line()
    {
        Checks.AddCheck("own", () => HealthCheckResult.Unhealthy($"a\r\nb{new string('c', 10_000)}"));

        var problem = Assert.Single((await ReadyAsync()).Problems);

        Assert.StartsWith("own: a bccc", problem, StringComparison.Ordinal);
        Assert.InRange(problem.Length, 1, 500);
    }

    [Theory]
    [InlineData(null, 4)]
    [InlineData(2, 2)]
    [InlineData(60, 4)]
    public async Task A_check_that_hangs_is_named_after_its_timeout(int? timeout, int expected)
    {
        var end = new TaskCompletionSource<HealthCheckResult>();
        Checks.AddAsyncCheck("own", () => end.Task, timeout: timeout is { } s ? TimeSpan.FromSeconds(s) : null)
            .AddCheck("other", () => HealthCheckResult.Unhealthy("away"));

        var answer = await AfterAsync(TimeSpan.FromSeconds(expected), ReadyAsync());

        Assert.False(answer.IsHealthy);
        Assert.Equal([$"own: has not ended within {expected} s", "other: away"], answer.Problems);
        end.SetResult(HealthCheckResult.Healthy());
    }

    [Fact]
    public async Task A_check_that_blocks_its_thread_hangs_no_request()
    {
        using var end = new ManualResetEventSlim();
        Checks.AddCheck("own", () =>
        {
            end.Wait(Cancel);
            return HealthCheckResult.Healthy();
        });

        Assert.False((await AfterAsync(TimeSpan.FromSeconds(4), ReadyAsync())).IsHealthy);

        end.Set();
    }

    [Fact]
    public async Task A_check_that_hangs_is_not_started_a_second_time()
    {
        var runs = 0;
        var end = new TaskCompletionSource<HealthCheckResult>();
        Checks.AddAsyncCheck("own", () =>
        {
            runs++;
            return end.Task;
        });
        Assert.False((await AfterAsync(TimeSpan.FromSeconds(4), ReadyAsync())).IsHealthy);

        Assert.Equal(["own: has not ended within 4 s"], (await ReadyAsync()).Problems);
        Assert.Equal(1, runs);

        end.SetResult(HealthCheckResult.Healthy());
        Assert.True((await ReadyAsync()).IsHealthy);
    }

    [Fact]
    public async Task A_timeout_cancels_the_token_of_the_check()
    {
        Checks.AddAsyncCheck("own", async token =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, token);
            return HealthCheckResult.Healthy();
        });

        var answer = await AfterAsync(TimeSpan.FromSeconds(4), ReadyAsync());

        Assert.Equal(["own: has not ended within 4 s"], answer.Problems);
    }

    [Fact]
    public async Task Each_run_has_its_own_scope()
    {
        _services.AddScoped<Probe>();
        Checks.AddCheck<ProbeCheck>("own");

        await ReadyAsync();
        await ReadyAsync();

        Assert.Equal(2, ProbeCheck.Seen.Count);
        Assert.Equal([true, true], ProbeCheck.Seen.Distinct().Select(probe => probe.IsDisposed));
    }

    [Fact]
    public async Task A_change_is_logged_once_and_a_probe_without_a_change_is_not()
    {
        var result = HealthCheckResult.Healthy();
        Checks.AddCheck("own", () => result);
        await ReadyAsync();
        result = HealthCheckResult.Unhealthy("away", new IOException("No route to host"));
        await ReadyAsync();
        await ReadyAsync();
        result = HealthCheckResult.Healthy();
        await ReadyAsync();
        await ReadyAsync();

        var lines = _log.GetSnapshot();
        Assert.Equal(
            [(LogLevel.Warning, "Health check own is Unhealthy: away"), (LogLevel.Information, "Health check own is healthy again.")],
            lines.Select(line => (line.Level, line.Message)));
        Assert.IsType<IOException>(lines[0].Exception);
    }

    [Fact]
    public void Two_checks_with_one_name_stop_the_start()
    {
        Checks.AddCheck("own", () => HealthCheckResult.Healthy()).AddCheck("Own", () => HealthCheckResult.Healthy());
        _provider = _services.BuildServiceProvider();

        var error = Assert.Throws<OptionsValidationException>(() => _provider.GetRequiredService<IStartupValidator>().Validate());

        Assert.Equal(["2 health checks are named 'own': give each its own name."], error.Failures);
    }

    public async ValueTask DisposeAsync()
    {
        if (_provider is not null)
            await _provider.DisposeAsync();
    }

    private Task<HealthAnswer> LiveAsync() => Health().CheckLiveAsync(Cancel);

    private Task<HealthAnswer> ReadyAsync() => Health().CheckReadyAsync(Cancel);

    private IngestionHealth Health()
    {
        _provider ??= _services.BuildServiceProvider();
        return _health ??= new IngestionHealth(_provider.GetRequiredService<HealthCheckService>());
    }

    // Each run sets its timers at its own pace, so the clock goes on until the answer is there.
    private async Task<HealthAnswer> AfterAsync(TimeSpan timeout, Task<HealthAnswer> answer)
    {
        var started = _time.GetUtcNow();
        while (await Task.WhenAny(answer, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel)) != answer)
            _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_time.GetUtcNow() - started >= timeout, "It answered before its timeout.");
        return await answer;
    }

    private sealed class Probe : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }

    private sealed class ProbeCheck(Probe probe) : IHealthCheck
    {
        public static List<Probe> Seen { get; } = [];

        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            Seen.Add(probe);
            return Task.FromResult(HealthCheckResult.Healthy());
        }
    }
}
