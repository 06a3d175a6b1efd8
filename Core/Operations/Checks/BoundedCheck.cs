using EmailIngestion.Messages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Operations.Checks;

/// <summary>
/// Runs a health check of anybody within a time limit. Requests at the same time share one run, so a check that hangs occupies at most one
/// thread. Each change is logged once, with the exception.
/// </summary>
/// <param name="create">Creates the check from the services of a scope.</param>
/// <param name="timeout">The time limit of a run.</param>
/// <param name="scopes">Makes a scope for each run.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed class BoundedCheck(
    Func<IServiceProvider, IHealthCheck> create,
    TimeSpan timeout,
    IServiceScopeFactory scopes,
    TimeProvider time,
    ILogger<IngestionHealth> logger) : IHealthCheck
{
    /// <summary>The longest time limit. Below the timeout of a Kubernetes probe, which is 5 seconds for <c>health/live</c>.</summary>
    public static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(4);

    private readonly Lock _gate = new();
    private Task<HealthCheckResult> _run = Task.FromResult(HealthCheckResult.Healthy());
    private long _startedAt;
    private HealthStatus _reported = HealthStatus.Healthy;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var result = await ResultAsync(context, cancellationToken);
        Report(context.Registration.Name, result);
        return result;
    }

    private async Task<HealthCheckResult> ResultAsync(HealthCheckContext context, CancellationToken cancellationToken)
    {
        Task<HealthCheckResult> run;
        TimeSpan left;
        lock (_gate)
        {
            if (_run.IsCompleted)
            {
                _startedAt = time.GetTimestamp();
                // A check may block instead of returning a task.
                _run = Task.Run(() => RunAsync(context), CancellationToken.None);
            }

            run = _run;
            left = timeout - time.GetElapsedTime(_startedAt);
        }

        try
        {
            return await run.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return TimedOut(context);
        }
    }

    private async Task<HealthCheckResult> RunAsync(HealthCheckContext context)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            return await create(scope.ServiceProvider).CheckHealthAsync(context, deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return TimedOut(context);
        }
        catch (Exception e)
        {
            // Whatever a check throws is the result of this check and must not hide the results of others.
            return new HealthCheckResult(context.Registration.FailureStatus, exception: e);
        }
    }

    private HealthCheckResult TimedOut(HealthCheckContext context) =>
        new(context.Registration.FailureStatus, $"has not ended within {timeout.TotalSeconds:0.#} s");

    private void Report(string name, HealthCheckResult result)
    {
        // The cause of a problem that this program finds has a log line already.
        if (FoundProblems.In(result.Data) is not null || Interlocked.Exchange(ref _reported, result.Status) == result.Status)
            return;
        if (result.Status == HealthStatus.Healthy)
        {
            Log.CheckRecovered(logger, name);
            return;
        }

        var error = result.Exception is { } exception ? CleanedException.Of(exception) : null;
        Log.CheckFailed(logger, name, result.Status, BoundedText.Line(result.Description ?? error?.Message ?? "no description"), error);
    }
}
