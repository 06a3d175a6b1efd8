using CsCheck;
using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Messages.Content;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages.Content;

public sealed class HtmlTextTests
{
    [Theory]
    [InlineData("one<br>two<br/>three", "one\ntwo\nthree")]
    [InlineData("one<br><br>two", "one\n\ntwo")]
    [InlineData("<div>one</div><div>two</div>", "one\ntwo")]
    [InlineData("<div>one</div><div><br></div><div>two</div>", "one\n\ntwo")]
    [InlineData("<p>one</p><p>two</p>", "one\n\ntwo")]
    [InlineData("<p>one<p>two", "one\n\ntwo")]
    [InlineData("<p>one</p><p>&nbsp;</p><p>two</p>", "one\n\ntwo")]
    [InlineData("<p class=MsoNormal>one</p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>two</p>", "one\n\ntwo")]
    [InlineData("<p style='margin:0'>one</p><p style='margin: 0px'>two</p>", "one\ntwo")]
    [InlineData("<h1>Title</h1>text", "Title\n\ntext")]
    [InlineData("one<hr>two", "one\n---\ntwo")]
    [InlineData("a<br><br><br><br><br>b", "a\n\n\nb")]
    [InlineData("<div><div><div>one</div></div></div>two", "one\ntwo")]
    public void Blocks_and_line_breaks_are_lines(string html, string text) => Assert.Equal(text, Read(html));

    [Theory]
    [InlineData("  one \r\n\t two  ", "one two")]
    [InlineData("<b>one</b> <i>two</i>three", "one twothree")]
    [InlineData("one&nbsp;&nbsp;two", "one  two")]
    [InlineData("a &lt;b&gt; &amp; &quot;c&quot; &eacute;&#233;&#xE9; &euro;", "a <b> & \"c\" ééé €")]
    [InlineData("&#150;&#147;x&#148;", "–“x”")]
    [InlineData("\u00ad&zwnj;&nbsp;&#8203;&#65279;<p>text</p>", "text")]
    [InlineData("a\u0001\u0085b\0c", "abc")]
    public void White_space_and_characters_are_as_shown(string html, string text) => Assert.Equal(text, Read(html));

    [Theory]
    [InlineData("<ul><li>one</li><li>two</li></ul>after", "- one\n- two\nafter")]
    [InlineData("<ol><li>one<li>two</ol>", "1. one\n2. two")]
    [InlineData("<ol start=3><li>three<li value=7>seven<li>eight</ol>", "3. three\n7. seven\n8. eight")]
    [InlineData("<ul><li>one<ul><li>inner</li></ul></li><li>two</li></ul>", "- one\n  - inner\n- two")]
    [InlineData("<ul><li>one<br>more</li></ul>", "- one\n  more")]
    [InlineData("<ul><li></li><li>two</li></ul>", "- two")]
    public void Lists_have_marks(string html, string text) => Assert.Equal(text, Read(html));

    [Theory]
    [InlineData("<a href='https://example.org/x'>here</a>", "here (https://example.org/x)")]
    [InlineData("see <a href='https://example.org/'>example.org</a>.", "see example.org.")]
    [InlineData("<a href='https://example.org/a b'>https://example.org/ab</a>", "https://example.org/ab")]
    [InlineData("<a href='mailto:ann@example.org?subject=x'>Ann</a>", "Ann (ann@example.org)")]
    [InlineData("<a href=\"mailto:ann@example.org\">ann@example.org</a>", "ann@example.org")]
    [InlineData("<a href='tel:+4930123'>+49 30 123</a>", "+49 30 123")]
    [InlineData("<a href='#top'>up</a> <a href='javascript:x()'>run</a> <a>name</a>", "up run name")]
    [InlineData("<a href='https://example.org/x'><img src=x></a>text", "text")]
    [InlineData("<a href='https://example.org/x'><img alt='Logo' src=x></a>", "Logo (https://example.org/x)")]
    [InlineData("<a href='https://example.org/x'><div>Open</div></a>", "Open (https://example.org/x)")]
    [InlineData("<a href='https://example.org/x'>one<a href='https://example.org/y'>two</a>",
        "one (https://example.org/x)two (https://example.org/y)")]
    public void Links_have_their_target_where_it_differs(string html, string text) => Assert.Equal(text, Read(html));

    [Theory]
    [InlineData("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>", "a  b\nc  d")]
    [InlineData("<table><tr><td><p>a</p></td><td><p>b</p></td></tr></table>", "a  b")]
    [InlineData("<table><tr><th>a<th>b<tr><td>c<td>d</table>after", "a  b\nc  d\nafter")]
    [InlineData("<table><tr><td>a<br>b</td><td>c</td></tr></table>", "a\nb\nc")]
    [InlineData("<table><tr><td><table><tr><td>a</td></tr><tr><td>b</td></tr></table></td><td>c</td></tr></table>", "a\nb\nc")]
    public void Table_rows_are_lines(string html, string text) => Assert.Equal(text, Read(html));

    [Theory]
    [InlineData("new<blockquote>old</blockquote>", "new\n\n> old")]
    [InlineData("<blockquote type=cite>one<br><br>two<blockquote>old</blockquote></blockquote>after",
        "> one\n>\n> two\n>\n> > old\n\nafter")]
    [InlineData("<blockquote style='margin:0 0 0 40px;border:none;padding:0px'>moved</blockquote>", "  moved")]
    public void Quotations_have_marks(string html, string text) => Assert.Equal(text, Read(html));

    [Theory]
    [InlineData("<pre>\none\n  two\n\nthree\n</pre>after", "one\n  two\n\nthree\n\nafter")]
    [InlineData("<div style='white-space: pre-wrap'>a  b\nc</div>", "a  b\nc")]
    [InlineData("text<pre class='moz-signature' cols=72>-- \nAnn</pre>", "text\n\n-- \nAnn")]
    [InlineData("text<br><span>-- </span><br><div>Ann</div>", "text\n-- \nAnn")]
    public void Preformatted_text_keeps_its_lines(string html, string text) => Assert.Equal(text, Read(html));

    [Theory]
    [InlineData("<html><head><title>t</title><style>p{}</style></head><body>text</body></html>")]
    [InlineData("<script>if (a < b) alert('</div>')</script>text<!-- comment --><![if !mso]><![endif]>")]
    [InlineData("<div style='display:none;max-height:0'>preview<div>more</div><b><i>x</b></i></div>text")]
    [InlineData("<table><tr><td><div style='DISPLAY : none'>preview</td></tr><tr><td>text</td></tr></table>")]
    [InlineData("<span hidden>x</span>text<select><option>x</option></select>")]
    [InlineData("<xml><o:x>96</o:x></xml>text<noscript><img></noscript>")]
    [InlineData("<p style='display:none'>x<p>text")]
    [InlineData("text<a href='https://exam")]
    public void What_is_not_shown_is_left_out(string html) => Assert.Equal("text", Read(html));

    [Fact]
    public void Pictures_are_read_by_their_description() =>
        Assert.Equal("one smile two", Read("one <img alt='smile' src='x'> two<img src='y'><img alt=''>"));

    [Theory]
    [InlineData("x", 10)]
    [InlineData("😀", 11)]
    [InlineData("<blockquote>x<br>", 11)]
    public void The_length_is_bounded(string html, int length)
    {
        var text = HtmlText.Read(string.Concat(Enumerable.Repeat(html, 1_000)), length, CancellationToken.None);
        Assert.InRange(text.Length, 1, length);
        Assert.False(char.IsHighSurrogate(text[^1]));
    }

    public static TheoryData<string> Hostile =>
    [
        "<", "<a", "<a ", "<div>", "</div>", "<table>", "<table><tr><td>", "<blockquote>", "<blockquote>x<br>", "<b><i>", "<p>",
        "<li>", "<ul><li>x",
        "&", "&#", "&amp", "&notin", "<!--", "<!-- --!>", "<![CDATA[", "<script>", "</", "<a href=",
        "<a href='https://example.org/x'>x", "<a b=c ",
        "<div style='", "<div style='a:b;display:none'>", "<td>x</div>", "<pre>\n", "<title>", "<textarea><", "<x:y>", "x<br>",
        "<div><table></div>", "<div><table><tr><td></div></p></ul>", "<ul><li><table><li>", "<span hidden></x></y>",
        "&nbsp;", "\0",
        "<svg>", "<math><mi>", "<ol start=2147483647><li>x", "<tr>", "<td>", "<noscript>",
    ];

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Hostile_html_takes_time_in_proportion(string piece)
    {
        LinearTime.Check(
            500_000,
            size => string.Concat(Enumerable.Repeat(piece, size / piece.Length)),
            html => Assert.InRange(HtmlText.Read(html, 1_000_000, CancellationToken.None).Length, 0, 1_000_000));
    }

    [Fact]
    public void Any_text_is_read() =>
        OddHtml.Any.Sample(html => HtmlText.Read(html, 200, CancellationToken.None).Length <= 200);

    [Fact]
    public void A_cancelled_reading_stops() =>
        Assert.Throws<OperationCanceledException>(() => HtmlText.Read("<p>x", 10, new CancellationToken(canceled: true)));

    private static string Read(string html) => HtmlText.Read(html, 10_000, CancellationToken.None);

    [Fact]
    public void A_link_to_an_address_has_no_control_characters() =>
        Assert.Equal(
            "write (a@example.org)",
            Mail.Of("Content-Type: text/html\n\n<a href=\"mailto:a%00%0A%C2%85@example.org\">write</a>").Parsed.Text?.Trim());
}
