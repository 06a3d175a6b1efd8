using EmailIngestion.Messages;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages;

public sealed class BoundedTextTests
{
    [Theory]
    [InlineData("abc", 0, "")]
    [InlineData("", 0, "")]
    [InlineData("a😀", 2, "a")]
    [InlineData("a😀", 3, "a😀")]
    public void A_text_is_cut_between_two_characters(string text, int length, string cut) =>
        Assert.Equal(cut, BoundedText.Cut(text, length));

    [Theory]
    [InlineData("NO [AUTHENTICATIONFAILED] Invalid credentials", "NO [AUTHENTICATIONFAILED] Invalid credentials")]
    [InlineData("red \u001b[31;1mtext\u001b[0m end", "red text end")]
    [InlineData("title \u001b]0;evil\u0007 end", "title 0;evil end")]
    [InlineData("c1 \u009b2J end", "c1 end")]
    [InlineData("two\r\nlines\ttab\0nul\u007fdel\u0085nel", "two lines tab nul del nel")]
    [InlineData("right\u202eleft\u2028line", "right left line")]
    [InlineData("\u001b[", "")]
    [InlineData("Grüße 你好 🎉", "Grüße 你好 🎉")]
    public void A_line_has_no_character_that_moves_a_terminal(string text, string line) => Assert.Equal(line, BoundedText.Line(text));

    [Fact]
    public void A_line_is_cut_without_half_of_a_surrogate_pair() => Assert.Equal("ab", BoundedText.Line("ab🎉", 3));

    [Fact]
    public void The_part_of_a_line_that_is_read_ends_between_two_characters() =>
        Assert.Equal("a", BoundedText.Line("\u0001\u0001\u0001\u0001\u0001\u0001a🎉", 4));

    [Theory]
    [InlineData("Grüße\n🎉", "Grüße\n🎉")]
    [InlineData("a\0b\r\nc\u0085\t", "a b \nc  ")]
    public void Control_characters_become_spaces(string text, string clean) => Assert.Equal(clean, BoundedText.WithoutControls(text));

    [Fact]
    public void A_line_of_megabytes_is_cut_to_its_length() =>
        Assert.Equal(BoundedText.MaxServerText, BoundedText.Line(new string('x', 5_000_000)).Length);
}
