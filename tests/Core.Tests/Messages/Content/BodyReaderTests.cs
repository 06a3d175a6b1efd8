using System.Text;
using EmailIngestion.Messages;
using Xunit;
using static EmailIngestion.Core.Tests.Messages.Content.Parts;

namespace EmailIngestion.Core.Tests.Messages.Content;

public sealed class BodyReaderTests
{
    [Fact]
    public void Texts_around_a_picture_are_one_text()
    {
        var parsed = Read(Email("mixed", Plain("before the picture"), Pdf("p.png"), Plain("after the picture")));
        Assert.Equal(("before the picture\n\nafter the picture", TextSource.Plain, null), (parsed.Text, parsed.TextSource, parsed.Html));
    }

    [Fact]
    public void The_footer_of_a_list_is_in_the_text() =>
        Assert.Equal("the question\n\n____\nlist footer", Read(Email("mixed", Plain("the question"), Plain("____\nlist footer"))).Text);

    [Fact]
    public void Plain_text_before_html_is_in_both()
    {
        var parsed = Read(Email("mixed", Plain("if a < b & c"), Html("<p>the real mail</p>")));
        Assert.Equal(
            "<pre style=\"white-space: pre-wrap\">if a &lt; b &amp; c</pre>\n<br>\n<p>the real mail</p>", parsed.Html);
        Assert.Equal(("if a < b & c\n\nthe real mail", TextSource.Plain), (parsed.Text, parsed.TextSource));
    }

    [Fact]
    public void Plain_text_after_html_is_in_both()
    {
        var parsed = Read(Email("mixed", Html("<p>the real mail</p>"), Plain("footer")));
        Assert.Equal("<p>the real mail</p>\n<br>\n<pre style=\"white-space: pre-wrap\">footer</pre>", parsed.Html);
        Assert.Equal("the real mail\n\nfooter", parsed.Text);
    }

    [Fact]
    public void All_html_parts_in_an_alternative_are_one_html()
    {
        var parsed = Read(Email("alternative", Of("mixed", "b2", Html("<p>one</p>"), Html("<p>two</p>"), Html("<p>three</p>"))));
        Assert.Equal("<p>one</p>\n<br>\n<p>two</p>\n<br>\n<p>three</p>", parsed.Html);
        Assert.Equal(("one\n\ntwo\n\nthree", TextSource.Html), (parsed.Text, parsed.TextSource));
    }

    [Fact]
    public void Html_around_a_file_as_apple_mail_writes_it_is_one_html()
    {
        var parsed = Read(Email(
            "alternative", Plain("hello\nbye"), Of("mixed", "b2", Html("<p>hello</p>"), Pdf("invoice.pdf"), Html("<p>bye</p>"))));
        Assert.Equal(("hello\nbye", "<p>hello</p>\n<br>\n<p>bye</p>"), (parsed.Text, parsed.Html));
        Assert.Equal("invoice.pdf", Assert.Single(parsed.Attachments).FileName);
    }

    [Fact]
    public void A_message_in_a_digest_is_a_file()
    {
        var parsed = Read(Email("digest", "\nSubject: inner\n\ninner body\n"));
        Assert.Null(parsed.Text);
        Assert.Equal("inner.eml", Assert.Single(parsed.Attachments).FileName);
    }

    [Fact]
    public void Of_alternatives_the_last_of_each_form_is_shown_and_the_others_are_files()
    {
        var parsed = Read(Email(
            "alternative", Plain("one"), Plain("two"), Html("first"), "Content-Type: text/x-amp-html\n\namp\n", Html("second"),
            "Content-Type: text/calendar\n\nBEGIN:VCALENDAR\n"));
        Assert.Equal(("two", "second"), (parsed.Text, parsed.Html));
        Assert.Equal(
            ["text/plain", "text/html", "text/x-amp-html", "text/calendar"], parsed.Attachments.Select(file => file.ContentType));
    }

    [Fact]
    public void A_blank_alternative_is_not_the_text()
    {
        var parsed = Read(Email("mixed", Of("alternative", "b2", Plain(" "), Html("<p>real</p>")), Plain("footer")));
        Assert.Equal("real\n\nfooter", parsed.Text);
        Assert.Empty(parsed.Attachments);
    }

    [Fact]
    public void Html_with_pictures_in_an_alternative_is_the_html()
    {
        var parsed = Read(Email(
            "alternative", Plain("text"),
            Of("related", "b2", Html("<img src=cid:a%40b>"), "Content-Type: image/png\nContent-ID: <a@b>\n\nx\n")));
        Assert.Equal(("text", "<img src=cid:a%40b>"), (parsed.Text, parsed.Html));
        Assert.True(Assert.Single(parsed.Attachments).Inline);
    }

    [Fact]
    public void The_root_of_related_parts_is_shown_and_the_others_are_files()
    {
        var parsed = Read(Email(
            "related; start=\"<root>\"", "Content-Type: text/html\nContent-ID: <frame>\n\nframe",
            "Content-Type: text/html\nContent-ID: <root>\n\nroot"));
        Assert.Equal("root", parsed.Html);
        Assert.Equal("frame", Assert.Single(parsed.Attachments).ContentId);
    }

    [Fact]
    public void Related_texts_without_an_id_are_shown() =>
        Assert.Equal("one\n\ntwo", Read(Email("related", Plain("one"), Plain("two"))).Text);

    [Fact]
    public void The_text_is_made_from_html_where_there_is_no_plain_text()
    {
        var parsed = Read(Html("<p>Hello</p><p>world</p>"));
        Assert.Equal(TextSource.Html, parsed.TextSource);
        Assert.Contains("Hello", parsed.Text, StringComparison.Ordinal);
        Assert.DoesNotContain('<', parsed.Text!);
    }

    [Fact]
    public void Html_of_a_picture_has_no_text()
    {
        var parsed = Read(Html("<img src=\"cid:logo\">"));
        Assert.Equal((null, null), (parsed.Text, parsed.TextSource));
    }

    [Theory]
    [InlineData("Content-Type: multipart/mixed\n\nJust text\n")]
    [InlineData("Content-Type: multipart/mixed; boundary=never\n\nJust text\n")]
    [InlineData("Content-Type: text\n\nJust text\n")]
    [InlineData("Content-Type: text/x-log\n\nJust text\n")]
    [InlineData("Content-Type: text/enriched\n\nJust <bold>text</bold>\n")]
    [InlineData("Content-Type: text/plain; name=a.txt\n\nJust text\n")]
    [InlineData("Content-Transfer-Encoding: base64\n\nJust text\n")]
    [InlineData("Content-Transfer-Encoding: \"base64\"\n\nSnVzdCB0ZXh0\n")]
    [InlineData("Content-Transfer-Encoding: Quoted-Printable (x)\n\nJust=20text\n")]
    [InlineData("\n=?\nJust text\n")]
    public void Text_of_odd_types_and_encodings_is_read(string raw) =>
        Assert.Contains("Just text", Read("Subject: s\n" + raw).Text, StringComparison.Ordinal);

    [Fact]
    public void A_text_with_a_name_is_a_file_even_where_it_is_the_only_text() =>
        Assert.Equal("a.txt", Assert.Single(Read("Content-Type: text/plain; name=a.txt\n\nJust text\n").Attachments).FileName);

    [Theory]
    [InlineData("text/plain; charset=us-ascii", "R3LDvMOfZSB1bmQgNSDigqw=", "Grüße und 5 €")]
    [InlineData("text/plain; charset=us-ascii", "R3L832UgYXVzIEv2bG4=", "Grüße aus Köln")]
    [InlineData("text/plain; charset=iso-8859-1", "k0dy/N9llCCWIDUggA==", "“Grüße” – 5 €")]
    [InlineData("text/plain", "k0dy/N9llCA1IIA=", "“Grüße” 5 €")]
    [InlineData("text/plain; charset=utf-8", "77u/YWJj", "abc")]
    [InlineData("text/plain; charset=utf-16le", "YQBiAGMA", "abc")]
    [InlineData("text/plain; charset=iso-2022-jp", "G1skQkZ8S1wbKEI=", null)]
    public void A_plain_part_is_decoded_as_mail_readers_do(string type, string base64, string? text)
    {
        var read = Read($"Content-Type: {type}\nContent-Transfer-Encoding: base64\n\n{base64}\n").Text!;
        Assert.Equal(text ?? read, read);
        Assert.DoesNotContain('?', read);
        Assert.DoesNotContain(read, character => character is >= '\u0080' and <= '\u009f');
    }

    [Theory]
    [InlineData("text/html", "<html><head><meta charset=iso-8859-2></head>", "iso-8859-2", "Łódź")]
    [InlineData("text/html", "<META http-equiv=Content-Type content='text/html; charset=\"koi8-r\"'>", "koi8-r", "Привет")]
    [InlineData("text/html", "<meta charset=utf-16>", "utf-8", "Grüße")]
    [InlineData("text/html", "<p>", "windows-1252", "“Grüße”")]
    [InlineData("text/html; charset=utf-8", "<meta charset=iso-8859-2>", "utf-8", "Łódź")]
    public void Html_is_decoded_by_its_header_or_its_meta_element(string type, string start, string charset, string text)
    {
        byte[] raw = [.. Encoding.ASCII.GetBytes($"Content-Type: {type}\n\n{start}"), .. Encoding.GetEncoding(charset).GetBytes(text)];
        Assert.Equal(start + text, Mail.Of(raw).Parsed.Html);
    }

    [Fact]
    public void Line_ends_are_the_same_on_each_system() =>
        Assert.Equal("a\nb\nc\n\nd\n", Read("Subject: s\r\n\r\na\r\nb\rc\r\r\n\nd\r\n").Text);

    [Fact]
    public void Long_texts_are_cut_and_noted()
    {
        var parsed = Read(Email("alternative", Plain(new string('x', 1_000_001)), Html(new string('y', 1_000_001))));
        Assert.Equal((1_000_000, 1_000_000), (parsed.Text!.Length, parsed.Html!.Length));
        Assert.Equal(["html", "text"], parsed.Truncated!);
    }

    [Fact]
    public void Many_long_texts_are_cut_together()
    {
        var parsed = Read(Email("mixed", [.. Enumerable.Repeat(Plain(new string('x', 100_000)), 20)]));
        Assert.Equal(1_000_000, parsed.Text!.Length);
        Assert.Equal(["text"], parsed.Truncated!);
    }

    private static ParsedEmail Read(string raw) => Mail.Of(raw).Parsed;
}
