using EmailIngestion.Messages;
using EmailIngestion.Processing;
using EmailIngestion.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace EmailIngestion.Consuming;

/// <summary>
/// The Polly pipelines around the processors: short retries and a circuit breaker. A long retry is another delivery of the pending entry.
/// </summary>
internal static class ProcessingPipeline
{
    /// <summary>Builds the circuit breaker alone.</summary>
    public static ResiliencePipeline Breaker(IServiceProvider services, Circuit circuit) =>
        Builder(services).AddCircuitBreaker(Breaker(Options(services), circuit, services.GetRequiredService<ILogger<Circuit>>())).Build();

    /// <summary>Builds the pipeline <c>processing</c>: the retries around a circuit breaker.</summary>
    public static ResiliencePipeline Around(ResiliencePipeline breaker, IServiceProvider services)
    {
        var (builder, options) = (Builder(services), Options(services));
        if (options.Retries > 0)
            builder.AddRetry(Retry(options, services.GetRequiredService<ILogger<DeliveryExecutor>>()));
        return builder.AddPipeline(breaker).Build();
    }

    // Polly's telemetry would measure and report every strategy for every email.
    private static ResiliencePipelineBuilder Builder(IServiceProvider services) =>
        new() { TimeProvider = services.GetRequiredService<TimeProvider>(), TelemetryListener = null };

    private static ProcessingOptions Options(IServiceProvider services) => services.GetRequiredService<IOptions<ProcessingOptions>>().Value;

    private static RetryStrategyOptions Retry(ProcessingOptions options, ILogger logger) => new()
    {
        // A timeout is not retried: the blocked attempt may continue, and run at the same time as its repeat. Neither is a failure with a
        // Retry-After that would occupy the slot for long.
        ShouldHandle = new PredicateBuilder().Handle<Exception>(
            error => OutcomePolicy.IsTransient(error) && error is not TimeoutRejectedException
                && !(error is TransientFailureException { RetryAfter: { } wait } && wait > OutcomePolicy.LongestWait)),
        MaxRetryAttempts = options.Retries,
        Delay = TimeSpan.FromMilliseconds(200),
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        DelayGenerator = arguments => ValueTask.FromResult(
            arguments.Outcome.Exception is TransientFailureException { RetryAfter: { } after }
                ? (TimeSpan?)(after < options.MaxRetryAfter ? after : options.MaxRetryAfter)
                : null),
        OnRetry = arguments =>
        {
            Log.AttemptFailed(logger, arguments.AttemptNumber + 1, arguments.RetryDelay, BriefError.Of(arguments.Outcome.Exception!));
            return default;
        },
    };

    private static CircuitBreakerStrategyOptions Breaker(ProcessingOptions options, Circuit circuit, ILogger logger) => new()
    {
        // Permanent failures and parse failures are caused by the email, cancellations and waits for memory by this process. The dependency
        // causes the rest.
        ShouldHandle = new PredicateBuilder().Handle<Exception>(
            error => OutcomePolicy.IsTransient(error)
                || error is not (PermanentFailureException
                    or MessageTooComplexException
                    or EmailFailureException
                    or NoRoomException
                    or OperationCanceledException)),
        FailureRatio = options.BreakerFailureRatio,
        MinimumThroughput = options.BreakerMinimumThroughput,
        SamplingDuration = options.BreakerSampling,
        BreakDuration = options.BreakDuration,
        OnOpened = arguments =>
        {
            circuit.Opened(arguments.BreakDuration);
            var error = arguments.Outcome.Exception;
            var line = error is null ? "" : BoundedText.Line(error.Message);
            if (circuit.Processors.Length == 0)
                Log.CircuitOpened(logger, arguments.BreakDuration, line);
            else
                Log.CircuitOfSeveralOpened(logger, circuit.Processors, arguments.BreakDuration, line);
            return default;
        },
        OnHalfOpened = _ =>
        {
            circuit.HalfOpened();
            return default;
        },
        OnClosed = _ =>
        {
            circuit.Closed();
            if (circuit.Processors.Length == 0)
                Log.CircuitClosed(logger);
            else
                Log.CircuitOfSeveralClosed(logger, circuit.Processors);
            return default;
        },
    };
}
