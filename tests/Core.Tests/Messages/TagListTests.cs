using EmailIngestion.Messages;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages;

public sealed class TagListTests
{
    [Fact]
    public void Empty_and_repeated_tags_are_left_out() => Assert.Equal(["b", "a"], TagList.Of(["b", "", null, " ", "a", "b"]));

    [Fact]
    public void A_list_without_tags_is_null()
    {
        Assert.Null(TagList.Of([]));
        Assert.Null(TagList.Of([null, ""]));
        Assert.Null(TagList.Read(null));
        Assert.Null(TagList.Read(""));
    }

    [Fact]
    public void A_line_end_in_a_tag_makes_no_second_tag() => Assert.Equal(["a  b"], TagList.Read(TagList.Write(TagList.Of(["a\r\nb"])!)));

    [Fact]
    public void A_long_tag_is_cut_between_two_characters() =>
        Assert.Equal([new string('x', 199)], TagList.Of([new string('x', 199) + "😀"]));

    [Fact]
    public void The_bytes_of_a_list_are_never_more_than_stated()
    {
        var tags = TagList.Of(Enumerable.Range(0, 200).Select(i => $"{i}日本😀"))!;
        Assert.Equal(100, tags.Count);
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(TagList.Write(tags)), 1, TagList.MaxBytes(tags));
        Assert.Equal(0, TagList.MaxBytes(null));
    }
}
