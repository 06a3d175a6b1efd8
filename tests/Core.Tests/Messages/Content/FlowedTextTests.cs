using EmailIngestion.Messages.Content;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages.Content;

public sealed class FlowedTextTests
{
    [Theory]
    [InlineData("one \ntwo\nthree\n", false, "one two\nthree\n")]
    [InlineData("one \ntwo\n", true, "onetwo\n")]
    [InlineData("> one \n> two\nanswer", false, "> one two\nanswer")]
    [InlineData("> one \n>> two\n", false, "> one \n>> two\n")]
    [InlineData("text \n-- \nAnn \nExample", false, "text \n-- \nAnn Example")]
    [InlineData(" >not quoted\n From here\n", false, ">not quoted\nFrom here\n")]
    [InlineData("last ", false, "last ")]
    [InlineData(">\n> a\n", false, ">\n> a\n")]
    [InlineData("", false, "")]
    public void Lines_are_joined_to_paragraphs(string text, bool deleteSpace, string joined) =>
        Assert.Equal(joined, FlowedText.Join(text, deleteSpace));

    [Fact]
    public void A_flowed_part_is_joined() => Assert.Equal(
        "one two", Mail.Of("Content-Type: text/plain; format=flowed\n\none \ntwo").Parsed.Text);

    [Theory]
    [InlineData("<bold>Now</bold> is\nthe time\n\nfor", "Now is the time\nfor")]
    [InlineData("<color><param>red</param>a << b</color>", "a < b")]
    [InlineData("<nofill>a\nb</nofill>", "a\nb")]
    [InlineData("1 < 2 <", "1 < 2 <")]
    public void Enriched_text_is_read_without_its_commands(string text, string read) => Assert.Equal(read, EnrichedText.Read(text));
}
