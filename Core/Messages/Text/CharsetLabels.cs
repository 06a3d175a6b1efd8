using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace EmailIngestion.Messages.Text;

/// <summary>
/// Finds the code page of a charset label: every label of the WHATWG Encoding Standard, the aliases of mail programs, and any code page by
/// its number. As in that standard, a label means the charset that is in use under its name: <c>iso-8859-1</c> is windows-1252.
/// </summary>
internal static class CharsetLabels
{
    /// <summary>The label is unknown.</summary>
    public const int Unknown = 0;

    public const int Ascii = 20127;
    public const int Utf7 = 65000;
    public const int Utf8 = 65001;
    public const int Utf16 = 1200;
    public const int Utf16BigEndian = 1201;
    public const int Utf32 = 12000;
    public const int Utf32BigEndian = 12001;
    public const int Windows1252 = 1252;
    public const int Iso2022Jp = 50221;
    public const int Iso2022Kr = 50225;
    public const int Iso2022Cn = 50227;
    public const int HzGb2312 = 52936;
    public const int ShiftJis = 932;
    public const int EucJp = 51932;
    public const int Gb18030 = 54936;

    /// <summary>The longest label, in characters.</summary>
    public const int MaxLength = 64;

    // A code page, then its labels: ASCII characters only, in lower case, without the "x" of "x-". 28600, 28604 and 28606 (ISO 8859-10,
    // -14 and -16) are the numbers that Windows left free for them.
    private const string Table =
        """
        437 cspc8codepage437 ibm437
        850 cspc850multilingual ibm850
        852 cspcp852 ibm852
        866 866 cp866 csibm866 dos866 ibm866
        874 dos874 iso885911 thai tis620 tis6200 tis6202533 windows874
        932 cp943 cp943c csshiftjis cswindows31j ibm943 macjapanese mskanji shiftjis shiftjis2004 shiftjisx0213 sjis sjis2004
        932 sjiswin windows31j
        949 cseuckr csksc56011987 euckr eucksc5601 isoir149 korean ksc5601 ksc56011987 ksc56011989 kscx1001 ksx1001 uhc windows949
        950 big5 big52003 big5eten big5hkscs big5hkscs2004 big5ms big5tw big5uao cnbig5 csbig5 hkscs xbig5
        1200 csunicode iso10646ucs2 ucs2 ucs2le unicode unicodefeff utf16 utf16le
        1201 ucs2be unicodefffe utf16be
        1250 cp1250 windows1250
        1251 ansi1251 cp1251 cp1251u windows1251
        1252 ansi cp1252 cp819 csisolatin1 cswindows31latin1 ibm819 iso8859 iso88591 iso885911987 isoir100 isolatin1 l1 latin1
        1252 latin1windows userdefined western westerneurope windows1252
        1253 cp1253 windows1253
        1254 cp1254 csisolatin5 iso88599 iso885991989 isoir148 l5 latin5 turkish windows1254
        1255 cp1255 windows1255
        1256 cp1256 windows1256
        1257 cp1257 windows1257
        1258 cp1258 windows1258
        1361 johab ksc56011992
        10000 applemacintosh csmacintosh mac macintosh macroman
        10006 macgreek
        10017 maccyrillic macukrainian
        10029 macce maccentraleurope
        10081 macturkish
        12000 ucs4 utf32 utf32le
        12001 utf32be
        20127 646 7bit ansix34 ansix341968 ansix341986 ascii ascii7bit cp367 csascii ibm367 iso646irv1991 iso646us isoir6 us usascii
        20866 cskoi8r koi koi8 koi8r
        21866 koi8ru koi8u
        28592 csisolatin2 iso88592 iso885921987 isoir101 l2 latin2
        28593 csisolatin3 iso88593 iso885931988 isoir109 l3 latin3
        28594 csisolatin4 iso88594 iso885941988 isoir110 l4 latin4 latinbaltic
        28595 csisolatincyrillic cyrillic iso88595 iso885951988 isoir144
        28596 arabic asmo708 csiso88596e csiso88596i csisolatinarabic ecma114 iso88596 iso885961987 iso88596e iso88596i isoir127
        28597 csisolatingreek ecma118 elot928 greek greek8 iso88597 iso885971987 isoir126 suneugreek
        28598 csiso88598e csiso88598i csisolatinhebrew hebrew iso88598 iso885981988 iso88598e iso88598i isoir138 logical visual
        28600 csisolatin6 iso885910 isoir157 l6 latin6
        28603 iso885913
        28604 iso885914
        28605 csisolatin9 iso885915 l9
        28606 iso885916
        50221 cp50220 cp50221 csiso2022jp iso2022jp iso2022jp1 iso2022jp2 iso2022jp2004 iso2022jp3 iso2022jpext iso2022jpms jis jis7
        50225 csiso2022kr iso2022kr
        50227 iso2022cn iso2022cnext
        51932 cseucpkdfmtjapanese eucjp eucjp2004 eucjpms eucjpwin ujis
        52936 hz hzgb hzgb2312
        54936 chinese cneuc cngb csgb2312 csiso58gb231280 euccn gb gb18030 gb180302000 gb180302005 gb2312 gb23121980 gb231280 gbk
        54936 isoir58 simplifiedchinese
        65000 csunicode11utf7 unicode11utf7 unicode20utf7 utf7 utf7imap
        65001 8859utf8 iso10646utf8 unicode11utf8 unicode20utf8 utf8 utf8mb4 utf8n
        """;

    private static readonly FrozenDictionary<string, int> Labels = Read();

    private static readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> Lookup =
        Labels.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The code page of a label; <see cref="Unknown"/> when no charset is known by it.</summary>
    public static int Find(ReadOnlySpan<char> label)
    {
        if (label.Length is 0 or > MaxLength)
            return Unknown;
        Span<char> characters = stackalloc char[label.Length];
        var length = 0;
        foreach (var character in label)
        {
            if (char.IsAsciiLetterOrDigit(character))
                characters[length++] = char.ToLowerInvariant(character);
        }

        var key = characters[..length];
        if (Lookup.TryGetValue(key, out var page) || (key is ['x', ..] && Lookup.TryGetValue(key[1..], out page)))
            return page;
        return Wide(Numbered(key) is > 0 and var number ? number : Named(label));
    }

    /// <summary>Whether a code page is a form of EBCDIC, in which the characters of ASCII have other bytes.</summary>
    public static bool IsEbcdic(int page) =>
        page is 37 or 500 or 870 or 875 or (>= 1026 and <= 1149) or (>= 20273 and <= 20424) or 20833 or 20838 or 20871 or 20880 or 20905
            or 20924 or 21025;

    // A code page may be read as another one, which has the same characters and more.
    private static int Wide(int page) => page switch
    {
        819 or 28591 => Windows1252,
        28599 => 1254,
        28601 => 874,
        38598 => 28598,
        936 or 20936 or 51936 => 54936,
        20949 or 51949 => 949,
        20932 => 51932,
        50220 or 50222 => Iso2022Jp,
        708 => 28596,
        943 => ShiftJis,
        951 => 950,
        1208 => Utf8,
        10007 => 10017,
        _ => page,
    };

    // "cp1252", "windows-1252", "ibm-850", "ms932", "1251": a code page that exists.
    private static int Numbered(ReadOnlySpan<char> key)
    {
        var characters = key.TrimEnd("0123456789");
        if (!int.TryParse(key[characters.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var page))
            return Unknown;
        if (characters is not ("" or "cp" or "xcp" or "windows" or "xwindows" or "win" or "ibm" or "ms" or "msft" or "codepage" or "dos"))
            return Unknown;
        if (page is Ascii or Utf7 or Utf8 or Utf16 or Utf16BigEndian or Utf32 or Utf32BigEndian || Wide(page) != page)
            return page;
        return page <= ushort.MaxValue && CodePagesEncodingProvider.Instance.GetEncoding(page) is not null ? page : Unknown;
    }

    // The names that .NET knows beside, such as those of EBCDIC.
    private static int Named(ReadOnlySpan<char> label) =>
        CodePagesEncodingProvider.Instance.GetEncoding(label.Trim().ToString())?.CodePage ?? Unknown;

    private static FrozenDictionary<string, int> Read()
    {
        var labels = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var line in Table.Split('\n'))
        {
            var words = line.Split(' ', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            foreach (var label in words.AsSpan(1))
                labels.Add(label, int.Parse(words[0], CultureInfo.InvariantCulture));
        }

        return labels.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
