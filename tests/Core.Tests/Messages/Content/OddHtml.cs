using CsCheck;

namespace EmailIngestion.Core.Tests.Messages.Content;

/// <summary>Generates HTML from pieces in any order.</summary>
internal static class OddHtml
{
    private static readonly string[] Pieces =
    [
        "<", ">", "</", "/>", "=", "'", "\"", "&", "&#", "&nbsp;", "<!--", "-->", "<![CDATA[", "]]>", "<p>", "</p>", "<div>",
        "</div>", "<br>", "<hr>",
        "<table>", "</table>", "<tr>", "</tr>", "<td>", "</td>", "<ul>", "<ol start=9>", "</ol>", "<li>", "</li>", "<blockquote>",
        "</blockquote>",
        "<pre>", "</pre>", "<a href='https://example.org/'>", "</a>", "<span hidden>", "<div style='display:none'>", "</span>",
        "<script>", "</script>",
        "<style>", "</style>", "<title>", "</title>", "<img alt='x'>", "text", " ", "\n", "\0", "\ud800", "é", "<xml>", "</body>",
        "<x>", "-- ",
    ];

    public static readonly Gen<string> Any = Gen.Int[0, Pieces.Length - 1].Select(i => Pieces[i]).Array[0, 40].Select(string.Concat);
}
