using Polly;

namespace EmailIngestion.Consuming;

/// <summary>
/// What guards the dependency of one list of processors. Each list has its own, so that a failing receiver does not stop the emails of
/// others.
/// </summary>
/// <param name="Pipeline">The retries, the circuit breaker and the timeout.</param>
/// <param name="Circuit">The state of the circuit breaker.</param>
/// <param name="Exemptions">The emails whose failure in an outage was not counted.</param>
/// <param name="Dependency">Decides whether the email or the dependency has caused a failure.</param>
internal sealed record ProcessorGuard(
    ResiliencePipeline Pipeline, Circuit Circuit, OutageExemptions Exemptions, DependencyWatch Dependency);
