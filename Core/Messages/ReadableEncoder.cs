using System.Buffers;
using System.Text.Encodings.Web;

namespace EmailIngestion.Messages;

/// <summary>
/// Escapes as <see cref="JavaScriptEncoder.UnsafeRelaxedJsonEscaping"/> does, which reads one character after the other. It copies what
/// needs no escape at once: nearly all of a text.
/// </summary>
internal sealed class ReadableEncoder : JavaScriptEncoder
{
    private static readonly SearchValues<char> Plain =
        SearchValues.Create([.. Enumerable.Range(' ', '\u007f' - ' ').Select(code => (char)code).Where(one => one is not ('"' or '\\'))]);

    public static ReadableEncoder Instance { get; } = new();

    public override int MaxOutputCharactersPerInputCharacter => UnsafeRelaxedJsonEscaping.MaxOutputCharactersPerInputCharacter;

    public override OperationStatus Encode(
        ReadOnlySpan<char> source, Span<char> destination, out int charsConsumed, out int charsWritten, bool isFinalBlock = true)
    {
        (charsConsumed, charsWritten) = (0, 0);
        while (true)
        {
            var rest = source[charsConsumed..];
            var special = rest.IndexOfAnyExcept(Plain);
            var plain = special < 0 ? rest.Length : special;
            var fits = Math.Min(plain, destination.Length - charsWritten);
            rest[..fits].CopyTo(destination[charsWritten..]);
            charsConsumed += fits;
            charsWritten += fits;
            if (fits < plain)
                return OperationStatus.DestinationTooSmall;
            if (special < 0)
                return OperationStatus.Done;
            rest = rest[special..];
            if (Short(rest[0]) is { } escape)
            {
                if (!escape.TryCopyTo(destination[charsWritten..]))
                    return OperationStatus.DestinationTooSmall;
                charsConsumed++;
                charsWritten += escape.Length;
                continue;
            }

            // The two halves of a character are both in it.
            var next = rest.IndexOfAny(Plain);
            var status = UnsafeRelaxedJsonEscaping.Encode(
                next < 0 ? rest : rest[..next],
                destination[charsWritten..],
                out var consumed,
                out var written,
                isFinalBlock || next >= 0);
            charsConsumed += consumed;
            charsWritten += written;
            if (status != OperationStatus.Done)
                return status;
        }
    }

    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength) =>
        UnsafeRelaxedJsonEscaping.FindFirstCharacterToEncode(text, textLength);

    public override unsafe bool TryEncodeUnicodeScalar(
        int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten) =>
        UnsafeRelaxedJsonEscaping.TryEncodeUnicodeScalar(unicodeScalar, buffer, bufferLength, out numberOfCharactersWritten);

    public override bool WillEncode(int unicodeScalar) => UnsafeRelaxedJsonEscaping.WillEncode(unicodeScalar);

    private static string? Short(char character) => character switch
    {
        '\n' => "\\n",
        '"' => "\\\"",
        '\\' => @"\\",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => null,
    };
}
