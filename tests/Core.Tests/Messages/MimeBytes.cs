using System.Text;
using CsCheck;
using EmailIngestion.Core.Tests.Support;

namespace EmailIngestion.Core.Tests.Messages;

/// <summary>
/// Generates emails of many parts, well formed and not: nested parts, digests, attached emails, odd boundaries, missing or doubled pieces.
/// </summary>
internal static class MimeBytes
{
    private static readonly Gen<string> Newline = Any.Of("\r\n", "\n");

    private static readonly Gen<string> Boundary = Any.Of(
        "a", "b", "c", "b--", "x:y", "a b", "-", "=_1", "ü", "--", "a'b", "_very_long_" + new string('x', 80));

    private static readonly Gen<string> LeafType = Any.Of(
        "", "Content-Type: text/plain\n", "Content-Type: text/html; charset=x\n",
        "Content-Type: application/pdf; name=a.pdf\nContent-Disposition: attachment\n",
        "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n", "content-type : image/png\n", "Content-Type: (a) broken;;\n");

    private static readonly Gen<string> Text = Any.Of(
        "", "text\n", "--\n", "-- \ntext\n", "--a\n", "--b--\n", "\n\n", "--x:y \t\n",
        "Content-Type: multipart/mixed; boundary=z\n\n--z\n", "no end");

    /// <summary>Emails as a parser expects them, with any nesting.</summary>
    public static readonly Gen<byte[]> WellFormed = Gen.Select(
        Entity(4), Newline, (entity, newline) => Encoding.UTF8.GetBytes($"Subject: x\n{entity}".ReplaceLineEndings(newline)));

    /// <summary>The same emails with pieces removed, moved and overwritten.</summary>
    public static readonly Gen<byte[]> Mutated = Gen.Select(WellFormed, Gen.Int[0, 5_000], Gen.Int[0, 60], Gen.Int[0, 5_000], Gen.Byte)
        .Select((raw, from, length, to, one) =>
    {
        var list = raw.ToList();
        var start = from % list.Count;
        var piece = list.GetRange(start, Math.Min(length, list.Count - start));
        if (one % 2 == 0)
            list.RemoveRange(start, piece.Count);
        list.InsertRange(to % (list.Count + 1), piece);
        if (one % 3 == 0 && list.Count > 0)
            list[to % list.Count] = one;
        return list.ToArray();
    });

    private static Gen<string> Entity(int depth)
    {
        var leaf = Gen.Select(LeafType, Text, Text, (type, one, two) => $"{type}\n{one}{two}");
        if (depth == 0)
            return leaf;
        var inner = Entity(depth - 1);
        var email = Gen.Select(
            inner, Any.Of("", "Content-Transfer-Encoding: 7bit\n", "Content-Transfer-Encoding: base64\n"),
            Any.Of("rfc822", "RFC822", "global", "partial", "news"))
            .Select((entity, encoding, type) => $"Content-Type: message/{type}\n{encoding}\nSubject: inner\n{entity}");
        var multipart = Gen.Select(
            Boundary, Any.Of("mixed", "digest", "Alternative", "related"), inner.Array[0, 4], Text, Any.Of(0, 1, 2, 3, 4),
            Any.Of("--", "--", "", "  "))
            .Select((boundary, type, parts, text, form, end) =>
                $"{Declared(boundary, type, form)}\n{text}"
                + $"{string.Concat(parts.Select(part => $"--{boundary}\n{part}\n"))}--{boundary}{end}\n{text}");
        return Gen.Frequency((2, leaf), (1, email), (3, multipart));
    }

    private static string Declared(string boundary, string type, int form) => form switch
    {
        0 => $"Content-Type: multipart/{type}; boundary=\"{boundary}\"\n",
        1 => $"Content-Type: multipart/{type};\n\tboundary=\"{boundary}\"\n",
        2 => $"CONTENT-TYPE: Multipart/{type} (comment); charset=x; BOUNDARY=\"{boundary}\"; x=\"a;b\"\n",
        3 => $"Content-Type: multipart/{type}; boundary*0=\"{boundary[..(boundary.Length / 2)]}\";\n"
            + $" boundary*1=\"{boundary[(boundary.Length / 2)..]}\"\n",
        _ => $"Content-Type: multipart/{type}; boundary*=utf-8''{Uri.EscapeDataString(boundary)}\n",
    };
}
