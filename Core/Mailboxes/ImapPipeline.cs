using EmailIngestion.Redis;
using Polly;
using Polly.CircuitBreaker;

namespace EmailIngestion.Mailboxes;

/// <summary>The Polly pipeline of one mailbox.</summary>
internal static class ImapPipeline
{
    /// <summary>The imap pipeline of one mailbox. The timer is its retry; what it needs is to be left alone when it keeps failing.</summary>
    public static ResiliencePipeline Create(TimeProvider time, TimeSpan first, TimeSpan longest, CircuitBreakerManualControl control, Action<TimeSpan> opened) =>
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
}
