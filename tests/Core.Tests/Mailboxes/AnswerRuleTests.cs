using System.Text;
using EmailIngestion.Mailboxes;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

/// <summary>Compares an answer with RFC822.SIZE. Servers miscount, and ordinary mail is never taken for a missing answer.</summary>
public class AnswerRuleTests
{
    [Theory]
    [InlineData("", 95L, "Nothing")]
    [InlineData("", null, "Nothing")]
    [InlineData("", 0L, "Whole")]
    [InlineData("Subject: x\r\n\r\nabc", 0L, "Whole")] // GreenMail announces the text without the header
    [InlineData("Subject: x\r\n\r\nabc", 3L, "Whole")]
    [InlineData("Subject: x\r\n\r\nabc", null, "Whole")]
    [InlineData("Subject: x\n\n\n\n\n\n\n\n\n", 29L, "Whole")] // line ends counted as two bytes
    [InlineData("\n\n\n\n\n\n\n\n\n\n", 20L, "Whole")] // only line ends: the largest difference that they explain
    [InlineData("Subject: x\r\n\r\nabc", 33L, "Whole")] // Exchange estimates
    [InlineData("Subject: x\r\n\r\nabc", 36L, "Short")]
    [InlineData("\r\nabc", 36L, "Short")]
    [InlineData("Subject: x\n\nabc", 36L, "Short")]
    [InlineData("Subject: x\r\nTo: y", 36L, "Fragment")]
    [InlineData("S", 4_294_967_295L, "Fragment")]
    public void An_answer_is_judged_by_half_of_the_announced_size(string body, long? announced, string answer) =>
        Assert.Equal(answer, AnswerRule.Of(Encoding.ASCII.GetBytes(body), announced).ToString());

    [Fact]
    public void A_short_answer_is_accepted_when_the_next_one_is_the_same()
    {
        var shorts = new ShortAnswers();
        ReadOnlyMemory<byte> body = "abc"u8.ToArray();

        Assert.False(shorts.Accepts(1, body, Answer.Short, isLastAttempt: false));
        Assert.False(shorts.Accepts(1, body, Answer.Short, isLastAttempt: false));
        shorts.BeginRequest();
        Assert.False(shorts.Accepts(1, "abd"u8.ToArray(), Answer.Short, isLastAttempt: false));
        shorts.BeginRequest();
        Assert.True(shorts.Accepts(1, "abd"u8.ToArray(), Answer.Short, isLastAttempt: false));
    }

    [Fact]
    public void A_fragment_is_accepted_at_the_last_attempt_only()
    {
        var shorts = new ShortAnswers();
        ReadOnlyMemory<byte> body = "abc"u8.ToArray();
        shorts.Accepts(1, body, Answer.Fragment, isLastAttempt: true);
        shorts.BeginRequest();

        Assert.False(shorts.Accepts(1, body, Answer.Fragment, isLastAttempt: false));
        shorts.BeginRequest();
        Assert.True(shorts.Accepts(1, body, Answer.Fragment, isLastAttempt: true));
    }

    [Theory]
    [InlineData("Subject: x\r\nDate: Tue, 24 Nov 2026 09:00:00 +0100\r\n\r\n", "2026-11-24T08:00:00Z")]
    [InlineData("date:24 Nov 2026 08:00 GMT\n\n", "2026-11-24T08:00:00Z")]
    [InlineData("Subject: x\r\n\r\nDate: Tue, 24 Nov 2026 09:00:00 +0100\r\n", null)]
    [InlineData("Date: never\r\n\r\n", null)]
    [InlineData("Date: Thu, 1 Jan 1970 00:00:00 +0000\r\n\r\n", null)]
    [InlineData("", null)]
    public void The_date_header_stands_in_for_a_missing_time(string raw, string? date) =>
        Assert.Equal(
            date is null ? null : DateTimeOffset.Parse(date, System.Globalization.CultureInfo.InvariantCulture),
            HeaderDate.Read(Encoding.ASCII.GetBytes(raw)));
}
