using System.Text;
using EmailIngestion.Messages.Content;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages.Content;

public sealed class LineEndsTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("a", "a")]
    [InlineData("\r", "\n")]
    [InlineData("a\r\nb\r\n", "a\nb\n")]
    [InlineData("a\rb\r", "a\nb\n")]
    [InlineData("a\r\r\nb", "a\nb")]
    [InlineData("a\r\r\r\nb\r\r", "a\n\nb\n\n")]
    [InlineData("a\n\rb\n\n", "a\n\nb\n\n")]
    [InlineData("\0a\0\0\nb", "\ufffda\ufffd\ufffd\nb")]
    public void Each_end_of_a_line_becomes_a_line_feed(string text, string lines)
    {
        Assert.Equal(lines, LineEnds.ToUnix(text));
        Assert.Equal(lines, LineEnds.ToUnix(Encoding.ASCII.GetBytes(text)));
    }

    [Fact]
    public void A_text_with_line_feeds_only_is_not_copied()
    {
        const string text = "a\nb\n";
        Assert.Same(text, LineEnds.ToUnix(text));
    }
}
