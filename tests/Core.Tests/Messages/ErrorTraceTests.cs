using System.Text;
using EmailIngestion.Messages;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages;

public sealed class ErrorTraceTests
{
    [Fact]
    public void A_trace_has_types_messages_and_frames_of_the_error_and_its_cause()
    {
        var lines = ErrorTrace.Of(Thrown(() => throw new InvalidOperationException("outer", Thrown(Fail)))).Split('\n');

        Assert.Equal("System.InvalidOperationException: outer", lines[0]);
        Assert.StartsWith($"   at {typeof(ErrorTraceTests).FullName}", lines[1], StringComparison.Ordinal);
        Assert.Contains("Caused by System.FormatException: inner", lines);
        Assert.Contains(lines, line => line.Contains(nameof(Fail), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("é")]
    [InlineData("😀")]
    public void A_trace_has_8_KB_at_most_and_ends_with_a_whole_character(string character)
    {
        var endless = string.Concat(Enumerable.Repeat(character, 20_000));
        Exception error = new InvalidOperationException(endless);
        for (var i = 0; i < 12; i++)
            error = new AggregateException(endless, error, new FormatException(endless));

        var trace = ErrorTrace.Of(Thrown(() => throw error));

        Assert.InRange(Encoding.UTF8.GetByteCount(trace), 1, ErrorTrace.MaxBytes);
        Assert.Equal(trace, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(trace)));
    }

    [Fact]
    public void A_deep_stack_hides_neither_its_beginning_nor_the_cause()
    {
        var error = Thrown(() => throw new InvalidOperationException("outer", Thrown(() => Recurse(2_000))));

        var trace = ErrorTrace.Of(Thrown(() => throw new AggregateException(error)));

        Assert.InRange(trace.Length, 2_000, ErrorTrace.MaxBytes);
        Assert.Contains("Caused by System.FormatException: deep", trace, StringComparison.Ordinal);
    }

    // The message of an exception may contain text of an email.
    [Fact]
    public void Control_characters_are_in_no_trace_and_no_log()
    {
        var error = Thrown(() => throw new InvalidOperationException("a\u001b[31mred\u0007\r\nforged line\u202e"));

        Assert.StartsWith("System.InvalidOperationException: a red forged line\n", ErrorTrace.Of(error), StringComparison.Ordinal);
        var cleaned = CleanedException.Of(error);
        Assert.All([cleaned.ToString(), cleaned.Message, cleaned.StackTrace!], text =>
            Assert.DoesNotContain(text, character => character != '\n' && (char.IsControl(character) || character == '\u202e')));
        Assert.Contains(nameof(Control_characters_are_in_no_trace_and_no_log), cleaned.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\nb")]
    [InlineData("a\rb")]
    [InlineData("a\tb")]
    [InlineData("\u009b2J")]
    public void A_message_that_is_no_line_is_logged_cleaned_wherever_it_is(string text)
    {
        Assert.IsType<CleanedException>(CleanedException.Of(new InvalidOperationException(text)));
        Assert.IsType<CleanedException>(
            CleanedException.Of(new InvalidOperationException("fine", new AggregateException(new FormatException(text)))));
        Assert.IsType<CleanedException>(CleanedException.Of(new Odd(text)));
        Assert.IsType<CleanedException>(CleanedException.Of(new InvalidOperationException(new string('x', 100_000))));
    }

    [Fact]
    public void An_ordinary_error_is_logged_as_itself()
    {
        var error = Thrown(() => throw new InvalidOperationException("Row 17 is 'wrong'", new FormatException("é😀")));
        Assert.Same(error, CleanedException.Of(error));
    }

    private static Exception Thrown(Action action) => Record.Exception(action)!;

    private static void Fail() => throw new FormatException("inner");

    private static void Recurse(int depth)
    {
        if (depth == 0)
            throw new FormatException("deep");
        Recurse(depth - 1);
        GC.KeepAlive(depth);
    }

    private sealed class Odd(string text) : Exception("fine")
    {
        public override string ToString() => text.Replace('\n', '\r');
    }
}
