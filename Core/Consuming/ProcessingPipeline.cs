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
/// The Polly pipeline <c>processing</c>: short retries, a circuit breaker and a timeout around the processor. A long retry is another
/// delivery of the pending entry.
/// </summary>
internal static class ProcessingPipeline
{
    public const string Name = "processing";

    public static IServiceCollection AddProcessingPipeline(this IServiceCollection services)
    {
        services.AddResiliencePipeline(Name, (builder, context) =>
        {
            var options = context.ServiceProvider.GetRequiredService<IOptions<ProcessingOptions>>().Value;
            builder.TimeProvider = context.ServiceProvider.GetRequiredService<TimeProvider>();
            // Polly's telemetry would measure and report every strategy for every email.
            builder.TelemetryListener = null;
            if (options.Retries > 0)
                builder.AddRetry(Retry(options, context.ServiceProvider.GetRequiredService<ILogger<DeliveryExecutor>>()));
            builder.AddCircuitBreaker(Breaker(options, context.ServiceProvider));
            builder.AddTimeout(options.AttemptTimeout);
        });
        return services;
    }

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

    private static CircuitBreakerStrategyOptions Breaker(ProcessingOptions options, IServiceProvider services)
    {
        var circuit = services.GetRequiredService<Circuit>();
        var logger = services.GetRequiredService<ILogger<Circuit>>();
        return new CircuitBreakerStrategyOptions
        {
            // Permanent failures and parse failures are caused by the email, cancellations by this process. The dependency causes the rest.
            ShouldHandle = new PredicateBuilder().Handle<Exception>(
                error => OutcomePolicy.IsTransient(error)
                    || error is not (PermanentFailureException
                        or MessageTooComplexException
                        or EmailFailureException
                        or OperationCanceledException)),
            FailureRatio = options.BreakerFailureRatio,
            MinimumThroughput = options.BreakerMinimumThroughput,
            SamplingDuration = options.BreakerSampling,
            BreakDuration = options.BreakDuration,
            OnOpened = arguments =>
            {
                circuit.Opened(arguments.BreakDuration);
                var error = arguments.Outcome.Exception;
                Log.CircuitOpened(logger, arguments.BreakDuration, error is null ? "" : BoundedText.Line(error.Message));
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
                Log.CircuitClosed(logger);
                return default;
            },
        };
    }
}
