using System.Collections.Frozen;
using System.Text;

namespace EmailIngestion.Messages.Text;

/// <summary>The encodings by code page. What they cannot read becomes U+FFFD.</summary>
internal static class CharsetEncodings
{
    private static readonly DecoderFallback Replacement = new DecoderReplacementFallback("\uFFFD");

    private static readonly FrozenDictionary<int, Lazy<Encoding>> Pages = new Dictionary<int, Lazy<Encoding>>
    {
        [CharsetLabels.Utf8] = new(() => new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)),
        [CharsetLabels.Utf16] = new(() => new UnicodeEncoding(bigEndian: false, byteOrderMark: false)),
        [CharsetLabels.Utf16BigEndian] = new(() => new UnicodeEncoding(bigEndian: true, byteOrderMark: false)),
        [CharsetLabels.Utf32] = new(() => new UTF32Encoding(bigEndian: false, byteOrderMark: false)),
        [CharsetLabels.Utf32BigEndian] = new(() => new UTF32Encoding(bigEndian: true, byteOrderMark: false)),
#pragma warning disable SYSLIB0001 // UTF-7 is unsafe to write. Old mail has to be read.
        [CharsetLabels.Utf7] = new(() => new UTF7Encoding(allowOptionals: true)),
#pragma warning restore SYSLIB0001
        [28600] = new(() => SingleByteEncoding.Iso8859(
            10,
            "\u00a0ĄĒĢĪĨĶ§ĻĐŠŦŽ\u00adŪŊ°ąēģīĩķ·ļđšŧž―ūŋĀÁÂÃÄÅÆĮČÉĘËĖÍÎÏÐŅŌÓÔÕÖŨØŲÚÛÜÝÞßāáâãäåæįčéęëėíîïðņōóôõöũøųúûüýþĸ")),
        [28604] = new(() => SingleByteEncoding.Iso8859(
            14,
            "\u00a0Ḃḃ£ĊċḊ§Ẁ©ẂḋỲ\u00ad®ŸḞḟĠġṀṁ¶ṖẁṗẃṠỳẄẅṡÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏŴÑÒÓÔÕÖṪØÙÚÛÜÝŶßàáâãäåæçèéêëìíîïŵñòóôõöṫøùúûüýŷÿ")),
        [28606] = new(() => SingleByteEncoding.Iso8859(
            16,
            "\u00a0ĄąŁ€„Š§š©Ș«Ź\u00adźŻ°±ČłŽ”¶·žčș»ŒœŸżÀÁÂĂÄĆÆÇÈÉÊËÌÍÎÏĐŃÒÓÔŐÖŚŰÙÚÛÜĘȚßàáâăäćæçèéêëìíîïđńòóôőöśűùúûüęțÿ")),
    }.Concat(new[]
    {
        437, 850, 852, 866, 874, 932, 949, 950, 1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258, 1361, 10000, 10006, 10017, 10029,
        10081, 20866, 21866, 28592, 28593, 28594, 28595, 28596, 28597, 28598, 28603, 28605, 50221, 50225, 50227, 51932, 52936, 54936,
    }.Select(page => KeyValuePair.Create(page, new Lazy<Encoding>(() => Open(page))))).ToFrozenDictionary();

    /// <summary>The encoding of a code page that <see cref="CharsetLabels"/> has found.</summary>
    public static Encoding Of(int page) => Pages.TryGetValue(page, out var encoding) ? encoding.Value : Open(page);

    private static Encoding Open(int page)
    {
        var encoding = CodePagesEncodingProvider.Instance.GetEncoding(page, EncoderFallback.ReplacementFallback, Replacement)
            ?? Encoding.Latin1;
        return encoding.IsSingleByte ? SingleByteEncoding.Of(encoding) : encoding;
    }
}
