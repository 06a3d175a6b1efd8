using EmailIngestion.Messages;
using EmailIngestion.Processing;
using EmailIngestion.Streams;
using Polly.CircuitBreaker;

namespace EmailIngestion.Consuming;

/// <summary>Classifies exceptions and decides outcomes. No other type does. Its methods have no side effects.</summary>
internal static class OutcomePolicy
{
    /// <summary>The longest wait during which a delivery keeps its slot: 5 seconds.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    /// <summary>How long an email waits that had no room in memory: 10 seconds.</summary>
    public static readonly TimeSpan RoomWait = TimeSpan.FromSeconds(10);

    /// <summary>Why a delivery is retried while the circuit is open.</summary>
    public const string CircuitOpen = "circuit open";

    /// <summary>Decides the outcome of a delivery that must not run; null: the delivery runs.</summary>
    public static Outcome? BeforeRun(Delivery delivery, int maxDeliveries)
    {
        if (delivery.Malformed is { } malformed)
            return new Outcome.DeadLetter(FailureRecord.Of(DeadLetterReasons.Malformed, malformed));
        if (delivery.DeliveryCount <= maxDeliveries)
            return null;
        return new Outcome.DeadLetter(FailureRecord.Of(
            DeadLetterReasons.Abandoned,
            $"Delivered {delivery.DeliveryCount - 1} times. The last consumer neither finished nor failed: it died or lost its lease. "
            + "There is no exception of the last delivery; the log has those of earlier deliveries."));
    }

    /// <summary>Decides the outcome of a run.</summary>
    /// <param name="error">
    /// The exception of the processor; null when it returned; a <see cref="BrokenCircuitException"/> when the circuit rejected the run.
    /// </param>
    /// <param name="delivery">The delivery that ran.</param>
    /// <param name="maxDeliveries">The delivery count of the last delivery.</param>
    /// <param name="stopping">Whether the process is stopping and has cancelled the run.</param>
    /// <param name="blame">The cause of a transient failure.</param>
    public static Outcome AfterRun(Exception? error, Delivery delivery, int maxDeliveries, bool stopping, Blame blame) =>
        Judge(error, delivery, maxDeliveries, stopping, blame) with
        {
            Error = error is BrokenCircuitException || (stopping && error is OperationCanceledException) ? null : error,
        };

    private static Outcome Judge(Exception? error, Delivery delivery, int maxDeliveries, bool stopping, Blame blame) => error switch
    {
        null => new Outcome.Completed(),
        PermanentFailureException => new Outcome.DeadLetter(FailureRecord.Of(DeadLetterReasons.Permanent, error)),
        MessageTooComplexException => new Outcome.DeadLetter(FailureRecord.Of(DeadLetterReasons.TooComplex, error)),
        OperationCanceledException when stopping => new Outcome.Retry(Counted: false, "stopping"),
        BrokenCircuitException => new Outcome.Retry(Counted: false, CircuitOpen),
        NoRoomException => new Outcome.Rejected(RoomWait),
        _ when Postponed(error) is { } postponed => postponed,
        _ when blame == Blame.OpenCircuit && IsTransient(error) => new Outcome.Retry(Counted: false, CircuitOpen),
        _ when blame == Blame.Dependency && IsTransient(error) =>
            new Outcome.Postponed(null, FailureRecord.Of(DeadLetterReasons.MaxDeliveries, error)),
        _ when delivery.DeliveryCount >= maxDeliveries => new Outcome.DeadLetter(FailureRecord.Of(DeadLetterReasons.MaxDeliveries, error)),
        _ => new Outcome.Retry(Counted: true, error.GetType().Name),
    };

    /// <summary>The outcome of a failure after which the dependency needs time; null for every other failure.</summary>
    public static Outcome.Postponed? Postponed(Exception? error)
    {
        if (error is not TransientFailureException transient)
            return null;
        var wait = transient.RetryAfter > LongestWait ? transient.RetryAfter : null;
        return wait is not null || transient.RefusesAll
            ? new Outcome.Postponed(wait, FailureRecord.Of(DeadLetterReasons.MaxDeliveries, error))
            : null;
    }

    /// <summary>Whether another attempt may succeed soon: the dependency fails, not the email.</summary>
    public static bool IsTransient(Exception error) => error
        is TransientFailureException or HttpRequestException or IOException or TimeoutException or Polly.Timeout.TimeoutRejectedException
        // HttpClient's own timeout.
        or TaskCanceledException { InnerException: TimeoutException };
}
