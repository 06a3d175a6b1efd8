using System.Text;
using CsCheck;
using EmailIngestion.Messages.Text;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages.Text;

public sealed class MailEncodingTests
{
    [Theory]
    [InlineData("iso-8859-1", "934772FCDF6594209620352080", "“Grüße” – 5 €")]
    [InlineData("us-ascii", "4772FCDF6520617573204BF66C6E", "Grüße aus Köln")]
    [InlineData("us-ascii", "4772C3BCC39F6520756E64203520E282AC", "Grüße und 5 €")]
    [InlineData(null, "934772FCDF6594", "“Grüße”")]
    [InlineData(null, "436166E9", "Café")]
    [InlineData(null, "436166C3A9", "Café")]
    [InlineData("x-unknown", "436166C3A9", "Café")]
    [InlineData("x-unknown", "436166E9", "Café")]
    [InlineData("utf-8", "436166E9", "Café")]
    [InlineData("iso-8859-9", "80FDFEF0", "€ışğ")]
    [InlineData("tis-620", "CACDE480", "สอไ€")]
    [InlineData("gb2312", "C4E3BAC3A2E3", "你好€")]
    [InlineData("gbk", "8130", "\uFFFD")]
    [InlineData("ks_c_5601-1987", "B0A1816181FE", "가갵괓")]
    [InlineData("shift_jis", "8CA990CF8F9187408754", "見積書①Ⅰ")]
    [InlineData("euc-jp", "B8ABC0D1BDF18EB1", "見積書ｱ")]
    [InlineData("iso-2022-jp", "1B2442382B40511B2842", "見積")]
    [InlineData("iso-2022-kr", "1B2429430E304E0F41", "겄A")]
    [InlineData("hz-gb-2312", "7E7B56507E7D41", "中A")]
    [InlineData("utf-7", "4772412B4150772D2B414E382D", "GrAüß")]
    [InlineData("big5-hkscs", "A741A66E", "你好")]
    [InlineData("koi8-r", "F0D2C9D7C5D4", "Привет")]
    [InlineData("koi8-u", "F0D2C9D7A6D4", "Привіт")]
    [InlineData("macintosh", "8A8EDB", "äé€")]
    [InlineData("iso-8859-2", "B1B3966296", "ął–b–")]
    [InlineData("iso-8859-10", "A1BF", "Ąŋ")]
    [InlineData("iso-8859-14", "A1FF", "Ḃÿ")]
    [InlineData("iso-8859-15", "A4", "€")]
    [InlineData("iso-8859-16", "A4AA", "€Ș")]
    [InlineData("utf-16le", "41004200FC00", "ABü")]
    [InlineData("utf-16", "0041004200FC", "ABü")]
    [InlineData("utf-16", "FEFF0041", "A")]
    [InlineData("utf-16", "4142C3BC", "ABü")]
    [InlineData("utf-8", "FFFE41004200", "AB")]
    [InlineData("iso-8859-1", "EFBBBFC3BC", "ü")]
    [InlineData("iso-8859-1", "4BC3B66C6E2C204DC3BC6E6368656E", "Köln, München")]
    [InlineData("windows-1252", "E8A68BE7A98D", "見積")]
    [InlineData("windows-1252", "35E282AC", "5€")]
    [InlineData("windows-1252", "434146C9AE20434146C9AE", "CAFÉ® CAFÉ®")]
    [InlineData("iso-8859-1", "4D41C3BB", "MAÃ»")]
    [InlineData("iso-8859-15", "4BC3B66C6E2C204DC3BC6E6368656E", "KÃ¶ln, MÃŒnchen")]
    [InlineData("ebcdic-cp-us", "C1C2F1", "AB1")]
    public void A_text_is_read_as_mail_readers_do(string? label, string hex, string text) =>
        Assert.Equal(text, MailEncoding.Read(label, Convert.FromHexString(hex)));

    [Fact]
    public void A_few_broken_bytes_in_utf8_are_replaced() =>
        Assert.Equal("Grüße – \uFFFD", MailEncoding.Read("utf-8", [.. "Grüße – "u8, 0xff]));

    [Fact]
    public void Text_that_is_all_wrong_as_utf8_is_windows_1252() =>
        Assert.Equal("Überraschung für Müller", MailEncoding.Read("utf-8", Encoding.Latin1.GetBytes("Überraschung für Müller")));

    [Fact]
    public void A_character_that_the_end_cuts_does_not_spoil_the_others() =>
        Assert.Equal("Grüße \uFFFD", MailEncoding.Read("x-unknown", [.. "Grüße "u8, 0xe2, 0x82]));

    [Fact]
    public void Chinese_text_in_utf8_under_another_label_is_utf8() =>
        Assert.Equal("見積書の件です。", MailEncoding.Read("shift_jis", "見積書の件です。"u8));

    [Theory]
    [InlineData(null)]
    [InlineData("us-ascii")]
    public void Japanese_escapes_need_no_label(string? label) =>
        Assert.Equal("日本", MailEncoding.Read(label, "\u001b$BF|K\\\u001b(B"u8));

    [Fact]
    public void Raw_Shift_JIS_under_the_label_of_iso_2022_jp_is_read() =>
        Assert.Equal("見積書", MailEncoding.Read("iso-2022-jp", Convert.FromHexString("8CA990CF8F91")));

    [Theory]
    [InlineData("utf-8")]
    [InlineData("iso-8859-1")]
    [InlineData("iso-8859-5")]
    [InlineData("windows-1255")]
    [InlineData("shift_jis")]
    [InlineData("gb18030")]
    [InlineData("big5")]
    [InlineData("euc-kr")]
    [InlineData("euc-jp")]
    [InlineData("iso-2022-jp")]
    [InlineData("iso-2022-kr")]
    [InlineData("hz-gb-2312")]
    [InlineData("utf-7")]
    [InlineData("utf-16")]
    [InlineData("utf-32")]
    [InlineData("cp037")]
    [InlineData(null)]
    public void No_bytes_become_C1_controls_or_half_characters(string? label) => Gen.Byte.Array[0, 60].Sample(
        bytes =>
        {
            var text = MailEncoding.Read(label, bytes);
            Assert.DoesNotContain(text, character => character is >= '\u0080' and <= '\u009f');
            Assert.Equal(text, string.Concat(text.EnumerateRunes()));
        },
        iter: 500);

    [Theory]
    [InlineData("utf-8", "aé–😀")]
    [InlineData("iso-8859-1", "aé–")]
    [InlineData("shift_jis", "見積a")]
    [InlineData("iso-2022-jp", "見積a")]
    [InlineData("utf-16le", "a😀é")]
    public void A_long_text_is_read_from_a_stream_up_to_a_bound(string label, string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, 30_000));
        var bytes = (label == "iso-8859-1" ? Encoding.GetEncoding(1252) : Encoding.GetEncoding(label)).GetBytes(text);
        foreach (var length in new[] { 1, 1_000, 1_001, 50_000, text.Length - 1, text.Length, text.Length + 1 })
        {
            using var stream = new MemoryStream(bytes);
            var read = MailEncoding.Read(label, stream, length, TestContext.Current.CancellationToken, out var isCut);
            Assert.InRange(read.Length, Math.Min(length, text.Length) - 1, length);
            Assert.StartsWith(read, text, StringComparison.Ordinal);
            Assert.Equal(length < text.Length, isCut);
        }
    }

    [Theory]
    [InlineData("iso-2022-jp", "C6FCCBDCB8EC", "日本語")]
    [InlineData("iso-2022-jp", "93FA967B8CEA", "日本語")]
    [InlineData("gbk", "802035D6D080", "€ 5中€")]
    [InlineData("gb18030", "818080B080", "亐€皜")]
    public void Bytes_of_related_charsets_are_read(string label, string bytes, string text) =>
        Assert.Equal(text, MailEncoding.Read(label, System.Convert.FromHexString(bytes)));
}
