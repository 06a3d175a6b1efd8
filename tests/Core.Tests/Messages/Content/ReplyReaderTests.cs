using System.Diagnostics;
using EmailIngestion.Messages.Content;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages.Content;

public sealed class ReplyReaderTests
{
    private const string Answer = "Thank you, that is fine.\n\nBest\nBob";

    [Theory]
    [MemberData(nameof(ReplyCases.Histories), MemberType = typeof(ReplyCases))]
    public void History_below_the_answer_is_left_out(string client, string history)
    {
        Assert.NotEmpty(client);
        Assert.Equal(Answer, Read($"{Answer}\n\n{history}\n"));
    }

    [Theory]
    [MemberData(nameof(ReplyCases.Histories), MemberType = typeof(ReplyCases))]
    public void History_alone_is_all_of_the_reply(string client, string history)
    {
        Assert.NotEmpty(client);
        Assert.Equal(history.Trim(), Read($"\n{history}\n"));
    }

    [Theory]
    [MemberData(nameof(ReplyCases.Signatures), MemberType = typeof(ReplyCases))]
    public void A_signature_is_left_out(string signature)
    {
        Assert.Equal(Answer, Read($"{Answer}\n\n{signature}"));
        Assert.Equal(Answer, Read($"{Answer}\n\n{signature}\n\nOn Mon, Feb 2, 2026 at 10:00 AM Ann <ann@example.org> wrote:\n\n> Old.\n"));
        Assert.Equal(Answer, Read($"{Answer}\n{signature}\n\nFrom: Ann\nSent: Monday\nTo: Bob\nSubject: Offer\n\nOld.\n"));
    }

    [Theory]
    [MemberData(nameof(ReplyCases.Forwards), MemberType = typeof(ReplyCases))]
    public void A_forwarded_email_stays_whole(string subject, string text) =>
        Assert.Equal(text, ReplyReader.Read(text + "\n", subject, CancellationToken.None));

    [Theory]
    [MemberData(nameof(ReplyCases.Prose), MemberType = typeof(ReplyCases))]
    public void The_senders_own_words_stay(string text) => Assert.Equal(text, Read(text));

    [Theory]
    [InlineData("On Mon, Feb 2, 2026 at 10:00 AM Ann <ann@example.org> wrote:\n> Is it fine?\n\nYes, it is.\n\n-- \nBob", "Yes, it is.")]
    [InlineData("> Is it fine?\n\nYes, it is.\n\n> And the rest?\n> Regards", "Yes, it is.")]
    public void An_answer_below_one_quote_stands_alone(string text, string reply) => Assert.Equal(reply, Read(text));

    [Theory]
    [InlineData(
        "Hi Ann,\n\nAm 02.02.2026 um 10:00 schrieb Ann Example:\n> When?\n\nOn Monday.\n\n> Where?\n\nHere.\n\n"
            + "> Regards\n> Ann\n\n-- \nBob",
        "Hi Ann,\n\n> When?\n\nOn Monday.\n\n> Where?\n\nHere.")]
    [InlineData("See below.\n\n> When?\nOn Monday.", "See below.\n\n> When?\nOn Monday.")]
    [InlineData("> When?\nOn Monday.\n> Where?\nHere.\nSent from my iPhone", "> When?\nOn Monday.\n> Where?\nHere.")]
    public void Answers_among_quotes_keep_their_quotes(string text, string reply) => Assert.Equal(reply, Read(text));

    [Theory]
    [InlineData("", "")]
    [InlineData(" \r\n \r\n", "")]
    [InlineData("one\r\ntwo\r\n", "one\ntwo")]
    [InlineData("> only\n> quotes\n", "> only\n> quotes")]
    [InlineData("-- \nBob\n", "-- \nBob")]
    [InlineData("Sent from my iPhone\n\n> old\n", "Sent from my iPhone\n\n> old")]
    public void Text_without_an_answer_is_kept(string text, string reply) => Assert.Equal(reply, Read(text).ReplaceLineEndings("\n"));

    [Theory]
    [InlineData("On ")]
    [InlineData("On 2026 a@b wrote:\n")]
    [InlineData("On Mon\n")]
    [InlineData("x@y 10:00:\n")]
    [InlineData(">")]
    [InlineData(">\n")]
    [InlineData("> a\nb\n")]
    [InlineData("From: a\n")]
    [InlineData("From: a\nTo: b\n")]
    [InlineData("-- \n")]
    [InlineData("--\n")]
    [InlineData("--")]
    [InlineData("____________________________________________\n")]
    [InlineData("Sent from my x\n")]
    [InlineData("\n")]
    [InlineData(":")]
    [InlineData(":\n")]
    [InlineData("*")]
    [InlineData(" ")]
    public void Hostile_text_takes_time_in_proportion(string piece)
    {
        var text = "a\n" + string.Concat(Enumerable.Repeat(piece, 1_000_000 / piece.Length));
        var clock = Stopwatch.StartNew();
        Assert.InRange(Read(text).Length, 1, text.Length);
        // A fiftieth of this on a quiet machine. Time that grows with the square of the lines would be minutes.
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"{clock.Elapsed}");
    }

    private static string Read(string text) => ReplyReader.Read(text, "Re: Offer", CancellationToken.None);
}
