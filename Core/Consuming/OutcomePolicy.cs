using EmailIngestion.Messages;
using EmailIngestion.Processing;
using EmailIngestion.Streams;
using Polly.CircuitBreaker;

namespace EmailIngestion.Consuming;

/// <summary>The one place where exceptions are classified. Pure.</summary>
internal static class OutcomePolicy
{
    /// <summary>The longest wait that a delivery keeps its slot for: 5 seconds.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    /// <summary>What is decided without running anything; null: run it.</summary>
    public static Outcome? BeforeRun(Delivery delivery, int maxDeliveries)
    {
        if (delivery.Malformed is { } malformed)
            return new Outcome.DeadLetter(FailureRecord.Of(DeadLetterReasons.Malformed, DeadLetterReasons.Malformed, malformed));
        if (delivery.DeliveryCount > maxDeliveries)
            return new Outcome.DeadLetter(FailureRecord.Of(
                DeadLetterReasons.Abandoned,
                DeadLetterReasons.Abandoned,
                $"Delivered {delivery.DeliveryCount - 1} times, and the last consumer neither finished nor failed: it died or lost its lease. "
                + "There is no exception of it; those of the deliveries before are in the log."));
        return null;
    }

    /// <summary>What the processor's end means.</summary>
    /// <param name="error">What it threw; null when it returned; a <see cref="BrokenCircuitException"/> when the circuit did not let it run.</param>
    /// <param name="delivery">The delivery that ran.</param>
    /// <param name="maxDeliveries">The last delivery's number.</param>
    /// <param name="stopping">The process is stopping and has cancelled the work.</param>
    /// <param name="blame">Whose failure it is if it is a transient one.</param>
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
        BrokenCircuitException => new Outcome.Retry(Counted: false, "circuit open"),
        _ when Postponed(error) is { } postponed => postponed,
        _ when blame == Blame.OpenCircuit && IsTransient(error) => new Outcome.Retry(Counted: false, "circuit open"),
        _ when blame == Blame.Dependency && IsTransient(error) =>
            new Outcome.Postponed(null, FailureRecord.Of(DeadLetterReasons.MaxDeliveries, error)),
        _ when delivery.DeliveryCount >= maxDeliveries => new Outcome.DeadLetter(FailureRecord.Of(DeadLetterReasons.MaxDeliveries, error)),
        _ => new Outcome.Retry(Counted: true, error.GetType().Name),
    };

    /// <summary>The outcome of a failure after which the dependency is to be left alone for a while; null: it is another failure.</summary>
    public static Outcome.Postponed? Postponed(Exception? error) =>
        error is TransientFailureException transient && (transient.RetryAfter > LongestWait || transient.RefusesAll)
            ? new Outcome.Postponed(transient.RetryAfter > LongestWait ? transient.RetryAfter : null, FailureRecord.Of(DeadLetterReasons.MaxDeliveries, error))
            : null;

    /// <summary>Whether another try soon may succeed: the dependency's fault, not the email's.</summary>
    public static bool IsTransient(Exception error) => error
        is TransientFailureException or HttpRequestException or IOException or TimeoutException or Polly.Timeout.TimeoutRejectedException
        // An HttpClient's own time-out.
        or TaskCanceledException { InnerException: TimeoutException };
}
