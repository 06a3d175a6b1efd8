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
/// The Polly pipeline <c>processing</c>: short retries, circuit breaker and timeout around the processor. The long retry is the entry that
/// stays pending.
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
            // Polly's own telemetry would time and report every strategy of every email.
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
        // Not after a time-out: what hung may hang on, and would then run beside its own repeat. Nor where the wait would hold the slot for long.
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
            // A permanent failure is the email's fault and says nothing of the dependency, nor does one of its parsing; a cancellation is ours.
            ShouldHandle = new PredicateBuilder().Handle<Exception>(
                error => OutcomePolicy.IsTransient(error)
                    || error is not (PermanentFailureException or MessageTooComplexException or EmailFailureException or OperationCanceledException)),
            FailureRatio = options.BreakerFailureRatio,
            MinimumThroughput = options.BreakerMinimumThroughput,
            SamplingDuration = options.BreakerSampling,
            BreakDuration = options.BreakDuration,
            OnOpened = arguments =>
            {
                circuit.Opened(arguments.BreakDuration);
                Log.CircuitOpened(logger, arguments.BreakDuration, arguments.Outcome.Exception is { } error ? BoundedText.Line(error.Message) : "");
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
