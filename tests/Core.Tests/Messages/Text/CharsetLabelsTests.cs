using System.Globalization;
using EmailIngestion.Messages.Text;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages.Text;

public sealed class CharsetLabelsTests
{
    // The labels of the WHATWG Encoding Standard by the code page of .NET that reads them.
    private const string Standard =
        """
        866 866 cp866 csibm866 ibm866
        874 dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874
        932 csshiftjis ms_kanji shift-jis shift_jis sjis windows-31j x-sjis
        949 cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949
        950 big5 big5-hkscs cn-big5 csbig5 x-x-big5
        1200 csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le
        1201 unicodefffe utf-16be
        1250 cp1250 windows-1250 x-cp1250
        1251 cp1251 windows-1251 x-cp1251
        1252 cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1
        1252 windows-1252 x-cp1252 x-user-defined
        1253 cp1253 windows-1253 x-cp1253
        1254 cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5 windows-1254 x-cp1254
        1255 cp1255 windows-1255 x-cp1255
        1256 cp1256 windows-1256 x-cp1256
        1257 cp1257 windows-1257 x-cp1257
        1258 cp1258 windows-1258 x-cp1258
        10000 csmacintosh mac macintosh x-mac-roman
        10017 x-mac-cyrillic x-mac-ukrainian
        20127 ansi_x3.4-1968 ascii us-ascii
        20866 cskoi8r koi koi8 koi8-r koi8_r
        21866 koi8-ru koi8-u
        28592 csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2
        28593 csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3
        28594 csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4
        28595 csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988
        28596 arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 iso-8859-6-e iso-8859-6-i iso-ir-127
        28596 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987
        28597 csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 iso8859-7 iso88597 iso_8859-7 iso_8859-7:1987
        28597 sun_eu_greek
        28598 csiso88598e csiso88598i csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-8859-8-i iso-ir-138 iso8859-8 iso88598
        28598 iso_8859-8 iso_8859-8:1988 logical visual
        28600 csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6
        28603 iso-8859-13 iso8859-13 iso885913
        28604 iso-8859-14 iso8859-14 iso885914
        28605 csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9
        28606 iso-8859-16
        50221 csiso2022jp iso-2022-jp
        50225 csiso2022kr iso-2022-kr
        50227 iso-2022-cn iso-2022-cn-ext
        51932 cseucpkdfmtjapanese euc-jp x-euc-jp
        52936 hz-gb-2312
        54936 chinese csgb2312 csiso58gb231280 gb18030 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk
        65001 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8
        """;

    [Fact]
    public void Each_label_of_the_standard_is_known()
    {
        foreach (var line in Standard.Split('\n'))
        {
            var words = line.Split(' ');
            Assert.All(words[1..], label =>
            {
                Assert.Equal(int.Parse(words[0], CultureInfo.InvariantCulture), CharsetLabels.Find(label));
                Assert.Equal(CharsetLabels.Find(label), CharsetLabels.Find(label.ToUpperInvariant()));
            });
        }
    }

    [Theory]
    [InlineData("cp1252", 1252)]
    [InlineData("x-cp1251", 1251)]
    [InlineData("windows1250", 1250)]
    [InlineData("WINDOWS_1257", 1257)]
    [InlineData("win-1251", 1251)]
    [InlineData("1251", 1251)]
    [InlineData("ibm-850", 850)]
    [InlineData("cp-850", 850)]
    [InlineData("cp936", 54936)]
    [InlineData("ms932", 932)]
    [InlineData("windows-31j", 932)]
    [InlineData("cp65001", 65001)]
    [InlineData("cp28591", 1252)]
    [InlineData("utf8", 65001)]
    [InlineData("utf_8", 65001)]
    [InlineData("UTF-8;", 65001)]
    [InlineData(" 'utf-8' ", 65001)]
    [InlineData("ISO 8859-1", 1252)]
    [InlineData("iso8859-15", 28605)]
    [InlineData("latin-1", 1252)]
    [InlineData("ansi_x3.4-1986", 20127)]
    [InlineData("7bit", 20127)]
    [InlineData("unicode-1-1-utf-7", 65000)]
    [InlineData("utf-7", 65000)]
    [InlineData("utf-32", 12000)]
    [InlineData("big5-hkscs", 950)]
    [InlineData("big5-eten", 950)]
    [InlineData("cp949", 949)]
    [InlineData("uhc", 949)]
    [InlineData("ks_c_5601-1987", 949)]
    [InlineData("iso-2022-jp-2", 50221)]
    [InlineData("x-sjis", 932)]
    [InlineData("x-euc-jp", 51932)]
    [InlineData("koi8-ru", 21866)]
    [InlineData("ebcdic-cp-us", 37)]
    public void Aliases_of_mail_programs_are_known(string label, int page) => Assert.Equal(page, CharsetLabels.Find(label));

    [Theory]
    [InlineData("")]
    [InlineData("x-unknown")]
    [InlineData("unknown-8bit")]
    [InlineData("default")]
    [InlineData("x")]
    [InlineData("???")]
    [InlineData("cp0")]
    [InlineData("cp99999999999999999999")]
    [InlineData("charset")]
    [InlineData("binary")]
    public void Other_labels_are_not(string label) => Assert.Equal(CharsetLabels.Unknown, CharsetLabels.Find(label));

    [Fact]
    public void A_label_of_any_length_is_cheap() => Assert.Equal(CharsetLabels.Unknown, CharsetLabels.Find(new string('u', 1_000_000)));
}
