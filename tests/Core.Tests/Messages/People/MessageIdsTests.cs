using CsCheck;
using EmailIngestion.Messages;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages.People;

public sealed class MessageIdsTests
{
    [Theory]
    [InlineData("<1@example.org>", "1@example.org")]
    [InlineData(" < 1@example.org > ", "1@example.org")]
    [InlineData("1@example.org", "1@example.org")]
    [InlineData("<1.abc\r\n @example.org>", "1.abc@example.org")]
    [InlineData("<1@example.org> (added by relay@example.org)", "1@example.org")]
    [InlineData("<<1@example.org>>", "1@example.org")]
    [InlineData("<1@example.org", "1@example.org")]
    [InlineData("<1>", "1")]
    [InlineData("1", "1")]
    [InlineData("<>", "")]
    [InlineData("", "")]
    [InlineData("no id here", "no id here")]
    public void The_message_id_has_no_brackets(string written, string id)
    {
        Assert.Equal(id, Mail.Of($"Message-ID: {written}\r\n\r\n").Parsed.MessageId);
        Assert.Equal(id, EmailHeaders.Read(System.Text.Encoding.UTF8.GetBytes($"Message-ID: {written}\r\n\r\n")).MessageId);
    }

    [Theory]
    [InlineData("<1@a> <2@a>", "1@a 2@a")]
    [InlineData("<1@a>\r\n\t<2@a>\r\n <3@a>", "1@a 2@a 3@a")]
    [InlineData("<1@a>,<2@a>, <3@a>", "1@a 2@a 3@a")]
    [InlineData("<1@a><2@a>", "1@a 2@a")]
    [InlineData("1@a 2@a", "1@a 2@a")]
    [InlineData("1@a, 2@a", "1@a 2@a")]
    [InlineData("<1@a> 2@a <3@a>", "1@a 2@a 3@a")]
    [InlineData("<1 @a> <2\r\n @a>", "1@a 2@a")]
    [InlineData("<1@a <2@a>", "1@a 2@a")]
    [InlineData("<1@a>, junk, <> <2@a>", "1@a 2@a")]
    [InlineData("", "")]
    public void References_are_read_in_their_order(string written, string ids) =>
        Assert.Equal(ids, string.Join(' ', Mail.Of($"References: {written}\r\n\r\n").Parsed.References));

    [Theory]
    [InlineData("<1@a>", "1@a")]
    [InlineData("Your message of Mon <1@a>", "1@a")]
    [InlineData("Message from ann@example.org of Monday <1@a>", "1@a")]
    [InlineData("1@a", "1@a")]
    [InlineData("<1@a> <2@a>", "1@a")]
    [InlineData("your message", null)]
    [InlineData("", null)]
    public void In_reply_to_is_its_first_id(string written, string? id) =>
        Assert.Equal(id, Mail.Of($"In-Reply-To: {written}\r\n\r\n").Parsed.InReplyTo);

    [Theory]
    [InlineData("References: <1@a> <2@a>\r\nIn-Reply-To: <3@a>\r\nMessage-ID: <4@a>\r\n", "1@a")]
    [InlineData("References: \r\nIn-Reply-To: <3@a>\r\nMessage-ID: <4@a>\r\n", "3@a")]
    [InlineData("In-Reply-To: your message\r\nMessage-ID: <4@a>\r\n", "4@a")]
    [InlineData("Subject: x\r\n", "")]
    public void The_conversation_is_its_first_message(string headers, string id) =>
        Assert.Equal(id, Mail.Of($"{headers}\r\n").Parsed.ConversationId);

    [Theory]
    [InlineData(1_000, null)]
    [InlineData(1_001, "references")]
    [InlineData(20_000, "references")]
    public void Of_many_references_the_first_and_the_last_are_kept(int count, string? truncated)
    {
        var ids = Enumerable.Range(0, count).Select(i => $"{i}@example.org").ToList();
        var parsed = Mail.Of($"References: {string.Join("\r\n ", ids.Select(id => $"<{id}>"))}\r\n\r\n").Parsed;
        Assert.Equal(count > 1_000 ? [ids[0], .. ids[^999..]] : ids, parsed.References);
        Assert.Equal(truncated, parsed.Truncated?.FirstOrDefault(name => name == "references"));
    }

    [Fact]
    public void Any_text_gives_ids_without_blanks() => Gen.Char["<>@,; ab\"'()"].Array[0, 40].Sample(
        text => Assert.All(
            Mail.Of($"References: {new string(text)}\r\n\r\n").Parsed.References,
            id => Assert.True(id.Length > 0 && !id.Any(character => character is ' ' or '<' or '>'))),
        iter: 3_000);
}
