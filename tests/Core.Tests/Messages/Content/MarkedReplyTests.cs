using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Messages;
using EmailIngestion.Messages.Content;
using Xunit;
using static EmailIngestion.Core.Tests.Messages.Content.Parts;

namespace EmailIngestion.Core.Tests.Messages.Content;

/// <summary>The marks of mail programs in HTML, with attributions in languages that the text alone does not tell.</summary>
public sealed class MarkedReplyTests
{
    public static TheoryData<string, string> Answers => new()
    {
        {
            "Gmail",
            "<div dir=\"ltr\">Yes, please.<br>Ann</div><br><div class=\"gmail_quote gmail_quote_container\">"
            + "<div dir=\"ltr\" class=\"gmail_attr\">2026年2月2日(月) 10:00 Bob &lt;"
            + "<a href=\"mailto:bob@example.org\">bob@example.org</a>&gt;:<br></div>"
            + "<blockquote class=\"gmail_quote\" style=\"border-left:1px solid\"><div>Shall we?</div></blockquote></div>"
        },
        {
            "Gmail before 2018",
            "<div>Yes, please.<br>Ann</div><div class=\"gmail_extra\"><br><div class=\"gmail_quote\">W dniu 2 lutego Bob napisał:<br>"
            + "<blockquote class=\"gmail_quote\">Shall we?</blockquote></div></div>"
        },
        {
            "Gmail without a quotation",
            "<div>Yes, please.<br>Ann</div><div class=\"gmail_quote\">W dniu 2 lutego Bob napisał:<br><div>Shall we?</div></div>"
        },
        {
            "Outlook on the web",
            "<div>Yes, please.</div><div>Ann</div><div id=\"appendonsend\"></div><hr style=\"width:98%\"><div id=\"divRplyFwdMsg\">"
            + "<b>Od:</b> Bob<br><b>Wysłano:</b> 2 lutego<br><b>Temat:</b> x</div><div>Shall we?</div>"
        },
        {
            "Outlook for Windows",
            "<p class=MsoNormal>Yes, please.</p><p class=MsoNormal>Ann</p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt;"
            + "padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><b>Od:</b> Bob<br><b>Wysłano:</b> 2 lutego</p></div></div><p>Shall we?</p>"
        },
        {
            "Outlook for Mac",
            "<div>Yes, please.</div><div>Ann</div><span id=\"OLK_SRC_BODY_SECTION\"><div><b>差出人：</b>Bob</div>"
            + "<div>Shall we?</div></span>"
        },
        {
            "Apple Mail",
            "<div>Yes, please.</div><div>Ann</div><div><blockquote type=\"cite\" style=\"border: none\"><div>2 lutego, Bob napisał:</div>"
            + "<div>Shall we?</div></blockquote></div>"
        },
        {
            "Thunderbird",
            "<p>Yes, please.<br>Ann</p><div class=\"moz-cite-prefix\">W dniu 2.02.2026 Bob pisze:<br></div>"
            + "<blockquote type=\"cite\" cite=\"mid:1@example.org\"><p>Shall we?</p></blockquote>"
        },
        {
            "Yahoo",
            "<div>Yes, please.<br>Ann</div><div id=\"ydp1yahoo_quoted_7\" class=\"ydp1yahoo_quoted\"><div>W dniu Bob napisał:</div>"
            + "<div>Shall we?<blockquote>older</blockquote>oldest</div></div>"
        },
        {
            "Proton Mail",
            "<div>Yes, please.<br>Ann</div><div class=\"protonmail_signature_block\">Wysłane z Proton Mail</div>"
            + "<div class=\"protonmail_quote\">W dniu 2 lutego Bob napisał:<br>"
            + "<blockquote class=\"protonmail_quote\" type=\"cite\">Shall we?</blockquote><br></div>"
        },
        {
            "Zoho",
            "<div>Yes, please.<br>Ann</div><div class=\"zmail_extra\"><div>---- Bob napisał ----</div><br>"
            + "<blockquote>Shall we?</blockquote></div>"
        },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void The_marks_of_a_program_tell_the_reply(string program, string html)
    {
        var parsed = Mail.Of($"Subject: Re: x\nContent-Type: text/html; charset=utf-8\n\n<html><body>{html}</body></html>").Parsed;
        Assert.Equal("Yes, please.\nAnn", parsed.Reply!.Replace("\n\n", "\n", StringComparison.Ordinal));
        Assert.True(parsed.Text!.Contains("Shall we?", StringComparison.Ordinal), program);
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void The_reply_has_the_form_of_the_text(string program, string html)
    {
        const string Text = "Yes,   *please*.\nAnn\n\nW dniu 2 lutego Bob napisał:\nShall we?\n";
        var raw = Email("alternative", Plain(Text), Html(html)).Replace("Subject: s", "Subject: Re: s", StringComparison.Ordinal);
        var parsed = Mail.Of(raw).Parsed;
        Assert.True(parsed.Reply == "Yes,   *please*.\nAnn", program);
    }

    [Theory]
    [InlineData("<div>Yes.<div class=\"gmail_signature\">Ann<br>Sales</div></div>", "Yes.")]
    [InlineData("<div>Yes.<br><div>-- <br></div><div class=\"moz-signature\">Ann</div></div>", "Yes.")]
    [InlineData("<div>Yes.</div><div id=\"Signature\">Ann<br>Sales</div><div id=\"appendonsend\"></div>", "Yes.")]
    [InlineData("<div class=\"gmail_signature\">Ann</div>", "Ann")]
    [InlineData("<div id=\"appendonsend\"></div><div>nothing above</div>", "nothing above")]
    [InlineData("<div>One</div><div style=\"border-top: solid 1px\">no header</div><div>two</div>", "One\nno header\ntwo")]
    [InlineData("<div>One</div><div style=\"border-top: solid 1px\"><img><br>From: x</div><div>two</div>", "One")]
    [InlineData("<blockquote type=\"cite\">a<div id=\"appendonsend\"></div>b</blockquote>own", "own")]
    [InlineData(
        "<div class=\"gmail_quote\"><div class=\"gmail_attr\">x:</div><blockquote>a</blockquote>yes<blockquote>b</blockquote>no</div>",
        "> a\n\nyes\n\n> b\n\nno")]
    public void Other_marks_count_too(string html, string reply) =>
        Assert.Equal(reply, Mail.Of($"Subject: Re: x\nContent-Type: text/html\n\n{html}").Parsed.Reply);

    [Theory]
    [InlineData("Subject: One\nIn-Reply-To: <1@example.org>", "One")]
    [InlineData("Subject: Odp: One", "One")]
    [InlineData("Subject: One", "One\n\ntwo")]
    public void A_quotation_is_history_in_an_answer_only(string header, string reply) =>
        Assert.Equal(reply, Mail.Of(Email("alternative", Plain("One\n\ntwo"), Html("One<blockquote type=cite>two</blockquote>"))
            .Replace("Subject: s", header, StringComparison.Ordinal)).Parsed.Reply);

    [Theory]
    [InlineData("Fwd: x", "")]
    [InlineData("x", "---------- Forwarded message ---------<br>")]
    public void A_forwarded_email_stays_whole(string subject, string line) =>
        Assert.EndsWith("Shall we?", Mail.Of(
            $"Subject: {subject}\nContent-Type: text/html\n\n<div>See.</div><div class=\"gmail_quote\"><div class=\"gmail_attr\">{line}"
            + "From: Bob</div><div>Shall we?</div></div>").Parsed.Reply, StringComparison.Ordinal);

    [Fact]
    public void A_text_that_says_something_else_counts_alone() =>
        Assert.Equal("One.", Mail.Of(Email(
            "alternative", Plain("One.\n\nOn 2 Feb 2026 10:00, Bob <bob@example.org> wrote:\n> Two\n"),
            Html("<div>Three</div><div class=\"gmail_quote\"><blockquote>Two</blockquote></div>"))).Parsed.Reply);

    [Fact]
    public void It_can_be_cancelled() => Assert.Throws<OperationCanceledException>(() => MarkedReply.Read(
        new EmailBody { Text = "x", Attachments = [] }, "", true, new CancellationToken(canceled: true)));

    [Theory]
    [InlineData("<div class=\"gmail_quote\">")]
    [InlineData("<div class=\"gmail_quote\"><blockquote>x</div>")]
    [InlineData("<div style=\"border-top:solid\">x")]
    [InlineData("<div style=\"border-top:solid\"></div>")]
    [InlineData("<blockquote type=cite></blockquote>x")]
    [InlineData("gmail_quot")]
    [InlineData("<div class=\"a b c d e f g h i j k\">")]
    public void Hostile_html_takes_time_in_proportion(string piece) => LinearTime.Check(
        500_000,
        size => $"<div>a</div>cite{string.Concat(Enumerable.Repeat(piece, size / piece.Length))}",
        html => MarkedReply.Read(
            new EmailBody { Text = "a", TextSource = TextSource.Html, Html = html, Attachments = [] }, "", true, CancellationToken.None));
}
