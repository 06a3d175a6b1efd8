using EmailIngestion.Consuming;
using EmailIngestion.Mailboxes;
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

namespace EmailIngestion;

/// <summary>The Polly pipelines by name. They are the short level of retry; the long one is the entry that stays pending.</summary>
internal static class ResiliencePipelines
{
    public const string Redis = "redis";
    public const string Processing = "processing";

    public static IServiceCollection AddPipelines(this IServiceCollection services)
    {
        // What we do in Redis may be repeated: each script recognises what an earlier try has done.
        services.AddResiliencePipeline(Redis, (builder, context) =>
        {
            builder.TimeProvider = context.ServiceProvider.GetRequiredService<TimeProvider>();
            builder.AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<Exception>(IsPassing),
                MaxRetryAttempts = 8,
                Delay = TimeSpan.FromMilliseconds(100),
                MaxDelay = TimeSpan.FromSeconds(5),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
            });
        });

        services.AddResiliencePipeline(Processing, (builder, context) =>
        {
            var options = context.ServiceProvider.GetRequiredService<IOptions<ProcessingOptions>>().Value;
            builder.TimeProvider = context.ServiceProvider.GetRequiredService<TimeProvider>();
            // Polly's own would time and report every strategy of every email; ours say what matters.
            builder.TelemetryListener = null;
            if (options.Retries > 0)
                builder.AddRetry(ProcessingRetry(options, context.ServiceProvider.GetRequiredService<ILogger<DeliveryExecutor>>()));
            builder.AddCircuitBreaker(ProcessingBreaker(options, context.ServiceProvider));
            builder.AddTimeout(options.AttemptTimeout);
        });
        return services;
    }

    /// <summary>The imap pipeline of one mailbox. The timer is its retry; what it needs is to be left alone when it keeps failing.</summary>
    public static ResiliencePipeline Imap(TimeProvider time, TimeSpan first, TimeSpan longest, CircuitBreakerManualControl control, Action<TimeSpan> opened) =>
        new ResiliencePipelineBuilder { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<Exception>(error => error is not (OperationCanceledException or MailboxThrottledException) && !RedisErrors.IsRedis(error)),
                // All of what is counted; MailboxCircuit has the count begin anew with each success.
                FailureRatio = 1.0,
                MinimumThroughput = 2,
                SamplingDuration = longest,
                ManualControl = control,
                OnOpened = arguments =>
                {
                    opened(arguments.BreakDuration);
                    return default;
                },
                BreakDurationGenerator = arguments => ValueTask.FromResult(
                    TimeSpan.FromTicks(Math.Min(longest.Ticks, first.Ticks << Math.Min(10, arguments.HalfOpenAttempts)))),
            })
            .Build();

    /// <summary>Whether Redis is away for a while. OOM and NOGROUP do not pass by waiting a little, and a refusal never does.</summary>
    public static bool IsPassing(Exception error) => RedisErrors.KindOf(error) == RedisFailure.Passing;

    private static RetryStrategyOptions ProcessingRetry(ProcessingOptions options, ILogger logger) => new()
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
            Consuming.Log.AttemptFailed(logger, arguments.AttemptNumber + 1, arguments.RetryDelay, BriefError.Of(arguments.Outcome.Exception!));
            return default;
        },
    };

    private static CircuitBreakerStrategyOptions ProcessingBreaker(ProcessingOptions options, IServiceProvider services)
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
                Consuming.Log.CircuitOpened(logger, arguments.BreakDuration, arguments.Outcome.Exception is { } error ? BoundedText.Line(error.Message) : "");
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
                Consuming.Log.CircuitClosed(logger);
                return default;
            },
        };
    }
}
