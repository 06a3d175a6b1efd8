using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Core.Tests.Streams;

public sealed class FailureRecordTests
{
    [Theory]
    [InlineData("The webhook answered 500.", "The webhook answered 503.")]
    [InlineData("Row 1 of 20 failed after 3.5 s", "Row 17 of 2000 failed after 0.25 s")]
    [InlineData("No customer 'Ann'", "No customer 'Bob'")]
    [InlineData("No customer \"Ann\"", "No customer \"Bob Müller\"")]
    [InlineData("Order 6f9619ff-8b86-d011-b42d-00c04fc964ff is closed", "Order 0e984725-c51c-4bf4-9960-e1c80e27aba0 is closed")]
    public void Errors_alike_have_the_same_fingerprint(string one, string other) => Assert.Equal(Fingerprint(one), Fingerprint(other));

    [Theory]
    [InlineData("The webhook answered 500.", "The webhook cannot be reached")]
    [InlineData("No customer 'Ann'", "No supplier 'Ann'")]
    [InlineData("The user's name isn't valid", "The user's country isn't valid")]
    public void Other_errors_have_another(string one, string other) => Assert.NotEqual(Fingerprint(one), Fingerprint(other));

    [Fact]
    public void Reason_and_type_count() => Assert.Distinct(
    [
        FailureRecord.Of("permanent", "A", "x").Fingerprint, FailureRecord.Of("permanent", "B", "x").Fingerprint,
        FailureRecord.Of("max-deliveries", "A", "x").Fingerprint,
    ]);

    // Dead letters store the fingerprint and are searched by it, so it must be the same in every version and process.
    [Fact]
    public void A_fingerprint_is_sixteen_digits_and_never_changes() =>
        Assert.Equal("7eed141134c80c01", FailureRecord.Of("permanent", "InvalidOperationException", "Row 17 failed").Fingerprint);

    [Fact]
    public void An_error_is_recorded_by_its_type_and_one_line()
    {
        var failure = FailureRecord.Of(DeadLetterReasons.Permanent, new InvalidOperationException("one\r\ntwo\nthree"));
        Assert.Equal(
            ("permanent", "InvalidOperationException", "one two three"), (failure.Reason, failure.ErrorType, failure.ErrorMessage));
    }

    [Fact]
    public void Control_characters_are_taken_out()
    {
        var failure = FailureRecord.Of("r", new InvalidOperationException("a\u001b[31mred\u0007 \u009b2Jb\u202ec"));
        Assert.Equal("a red b c", failure.ErrorMessage);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("😀")]
    public void A_long_message_is_bounded_without_cutting_a_character(string character)
    {
        var message = FailureRecord.Of("r", "T", "a" + string.Concat(Enumerable.Repeat(character, 1_000))).ErrorMessage;
        Assert.InRange(message.Length, 999, 1_000);
        Assert.False(char.IsHighSurrogate(message[^1]));
    }

    [Fact]
    public void The_stack_trace_is_kept_and_has_no_part_in_the_fingerprint()
    {
        var error = Record.Exception(() => int.Parse("Row 17", System.Globalization.CultureInfo.InvariantCulture))!;
        var failure = FailureRecord.Of(DeadLetterReasons.Permanent, error);
        Assert.Contains(nameof(The_stack_trace_is_kept_and_has_no_part_in_the_fingerprint), failure.StackTrace, StringComparison.Ordinal);
        Assert.Equal(FailureRecord.Of("permanent", "FormatException", error.Message).Fingerprint, failure.Fingerprint);
        Assert.Empty(FailureRecord.Of("permanent", "FormatException", error.Message).StackTrace);
    }

    private static string Fingerprint(string message) => FailureRecord.Of("permanent", "InvalidOperationException", message).Fingerprint;
}
