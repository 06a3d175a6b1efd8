using CsCheck;
using EmailIngestion.Consuming;
using EmailIngestion.Core.Tests.Messages;
using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Messages;
using EmailIngestion.Processing;
using EmailIngestion.Streams;
using Polly.CircuitBreaker;
using Polly.Timeout;
using Xunit;

namespace EmailIngestion.Core.Tests.Consuming;

public sealed class OutcomePolicyTests
{
    private const int Max = 5;

    private static readonly Exception TooComplex = new MessageTooComplexException("Processing:MaxParts", 5_000, 5_001);

    private static readonly Exception[] Transients =
    [
        new TransientFailureException("t"), new TransientFailureException("t", TimeSpan.FromSeconds(1)), new HttpRequestException("h"),
        new IOException("i"), new FileNotFoundException("f"), new TimeoutException("o"), new TimeoutRejectedException("p"),
        new TaskCanceledException("The timeout of an HttpClient.", new TimeoutException()),
    ];

    private static readonly Exception[] Waits =
    [
        new TransientFailureException("w", TimeSpan.FromSeconds(6)), new TransientFailureException("w", TimeSpan.FromDays(400)),
        new TransientFailureException("a") { RefusesAll = true },
        new TransientFailureException("a", TimeSpan.FromSeconds(1)) { RefusesAll = true },
    ];

    private static readonly Exception[] Broken = [new BrokenCircuitException("b"), new IsolatedCircuitException("i")];

    private static readonly Exception[] Cancellations = [new OperationCanceledException("c"), new TaskCanceledException("c")];

    private static readonly Exception[] Others =
    [
        new InvalidOperationException("x"), new FormatException("f"), new ArgumentNullException("a"),
        new AggregateException(new TimeoutException()),
    ];

    private static readonly Gen<(Exception? Error, int DeliveryCount, bool Stopping, Blame Blame)> All = Gen.Select(
        Any.Of<Exception?>(
            [null, new PermanentFailureException("p"), TooComplex, .. Transients, .. Waits, .. Broken, .. Cancellations, .. Others]),
        Gen.Int[1, Max + 2],
        Gen.Bool,
        Gen.Enum<Blame>());

    // The rules of docs/design.md, written a second time in another form.
    [Fact]
    public void Every_end_of_a_run_has_exactly_one_outcome() => All.Sample(
        it =>
        {
            var outcome = OutcomePolicy.AfterRun(it.Error, Delivered(it.DeliveryCount), Max, it.Stopping, it.Blame);
            var uncounted = Broken.Contains(it.Error)
                || (it.Stopping && it.Error is OperationCanceledException)
                || (it.Blame == Blame.OpenCircuit && Transients.Contains(it.Error));
            if (it.Error is null)
                Assert.IsType<Outcome.Completed>(outcome);
            else if (it.Error is PermanentFailureException)
                Assert.Equal(DeadLetterReasons.Permanent, Assert.IsType<Outcome.DeadLetter>(outcome).Failure.Reason);
            else if (it.Error == TooComplex)
                Assert.Equal(DeadLetterReasons.TooComplex, Assert.IsType<Outcome.DeadLetter>(outcome).Failure.Reason);
            else if (Waits.Contains(it.Error))
                Assert.Equal(
                    it.Error.Message == "w" ? ((TransientFailureException)it.Error).RetryAfter : null,
                    Assert.IsType<Outcome.Postponed>(outcome).Wait);
            else if (it.Blame == Blame.Dependency && Transients.Contains(it.Error) && !uncounted)
                Assert.Null(Assert.IsType<Outcome.Postponed>(outcome).Wait);
            else if (uncounted)
                Assert.False(Assert.IsType<Outcome.Retry>(outcome).Counted);
            else if (it.DeliveryCount < Max)
                Assert.True(Assert.IsType<Outcome.Retry>(outcome).Counted);
            else
                Assert.Equal(DeadLetterReasons.MaxDeliveries, Assert.IsType<Outcome.DeadLetter>(outcome).Failure.Reason);
        },
        iter: 2_000);

    [Fact]
    public void A_stop_and_an_open_circuit_dead_letter_only_permanent_failures() => All.Sample(it =>
    {
        if (it.Error is PermanentFailureException)
            return;
        Assert.IsNotType<Outcome.DeadLetter>(
            OutcomePolicy.AfterRun(new OperationCanceledException(), Delivered(it.DeliveryCount), Max, true, it.Blame));
        Assert.IsNotType<Outcome.DeadLetter>(
            OutcomePolicy.AfterRun(new BrokenCircuitException(), Delivered(it.DeliveryCount), Max, it.Stopping, it.Blame));
    });

    [Fact]
    public void An_email_without_room_in_memory_waits_and_never_counts() => All.Sample(it => Assert.IsType<Outcome.Rejected>(
        OutcomePolicy.AfterRun(new NoRoomException(), Delivered(it.DeliveryCount), Max, it.Stopping, it.Blame)));

    [Fact]
    public void A_dead_letter_says_what_was_thrown()
    {
        var failure = Assert.IsType<Outcome.DeadLetter>(
            OutcomePolicy.AfterRun(new InvalidOperationException("row 1"), Delivered(Max), Max, false, Blame.Email)).Failure;
        Assert.Equal(("max-deliveries", "InvalidOperationException", "row 1"), (failure.Reason, failure.ErrorType, failure.ErrorMessage));
    }

    [Fact]
    public void A_dead_letter_that_is_too_complex_names_the_limit_and_the_value()
    {
        var failure = Assert.IsType<Outcome.DeadLetter>(OutcomePolicy.AfterRun(TooComplex, Delivered(1), Max, false, Blame.Email)).Failure;
        Assert.Equal("too-complex", failure.Reason);
        Assert.Contains("Processing:MaxParts is 5000, and it has at least 5001", failure.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void A_postponed_delivery_keeps_what_its_dead_letter_would_say()
    {
        var last = Assert.IsType<Outcome.Postponed>(OutcomePolicy.AfterRun(Waits[0], Delivered(Max), Max, false, Blame.Email)).Last;
        Assert.Equal(("max-deliveries", "TransientFailureException", "w"), (last.Reason, last.ErrorType, last.ErrorMessage));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(Max)]
    public void Up_to_the_last_delivery_an_entry_is_run(int deliveryCount) =>
        Assert.Null(OutcomePolicy.BeforeRun(Delivered(deliveryCount), Max));

    [Theory]
    [InlineData(Max + 1)]
    [InlineData(Max + 100)]
    public void An_entry_past_its_last_delivery_is_dead_lettered_without_a_run(int deliveryCount) =>
        Assert.Equal(
            DeadLetterReasons.Abandoned,
            Assert.IsType<Outcome.DeadLetter>(OutcomePolicy.BeforeRun(Delivered(deliveryCount), Max)).Failure.Reason);

    [Fact]
    public void A_malformed_entry_is_dead_lettered_at_its_first_delivery()
    {
        var delivery = new Delivery("1-1", 1, null, "field 'id' is not 16 bytes");
        var failure = Assert.IsType<Outcome.DeadLetter>(OutcomePolicy.BeforeRun(delivery, Max)).Failure;
        Assert.Equal(("malformed", "field 'id' is not 16 bytes"), (failure.Reason, failure.ErrorMessage));
    }

    [Fact]
    public void Only_the_dependencys_failures_are_transient()
    {
        Assert.All([.. Transients, .. Waits], error => Assert.True(OutcomePolicy.IsTransient(error), error.GetType().Name));
        Assert.All(
            [new PermanentFailureException("p"), new EmailFailureException(new IOException("m")), .. Broken, .. Cancellations, .. Others],
            error => Assert.False(OutcomePolicy.IsTransient(error), error.GetType().Name));
    }

    private static Delivery Delivered(int deliveryCount) => new("1700000000000-0", deliveryCount, Mail.Of("Subject: x\r\n\r\n"), null);
}
