using Polly;
using Polly.CircuitBreaker;

namespace EmailIngestion.Consuming;

/// <summary>
/// What guards the dependency of one list of processors. Each list has its own, so that a failing receiver does not stop the emails of
/// others.
/// </summary>
/// <param name="Pipeline">The retries and the circuit breaker.</param>
/// <param name="Breaker">The circuit breaker of the pipeline.</param>
/// <param name="Timeout">The timeout of one attempt.</param>
/// <param name="Circuit">The state of the circuit breaker.</param>
/// <param name="Exemptions">The emails whose failure in an outage was not counted.</param>
/// <param name="Dependency">Decides whether the email or the dependency has caused a failure.</param>
internal sealed record ProcessorGuard(
    ResiliencePipeline Pipeline,
    ResiliencePipeline Breaker,
    TimeSpan Timeout,
    Circuit Circuit,
    OutageExemptions Exemptions,
    DependencyWatch Dependency)
{
    /// <summary>Lets the breaker count a success of a run that was not in the pipeline.</summary>
    public async ValueTask CountSuccessAsync()
    {
        // An open circuit counts no success: an email tests its dependency, in the pipeline.
        if (Circuit.State != CircuitState.Closed)
            return;
        var context = ResilienceContextPool.Shared.Get();
        await Breaker.ExecuteOutcomeAsync(
            static (_, _) => ValueTask.FromResult(Polly.Outcome.FromResult<object?>(null)), context, (object?)null);
        ResilienceContextPool.Shared.Return(context);
    }
}
