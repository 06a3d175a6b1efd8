using System.Buffers;
using System.Text.Encodings.Web;
using EmailIngestion.Messages;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages;

public sealed class ReadableEncoderTests
{
    private static readonly JavaScriptEncoder Relaxed = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    [Fact]
    public void It_escapes_each_character_as_the_relaxed_encoder_does()
    {
        for (var code = 0; code <= char.MaxValue; code++)
        {
            var text = $"a{(char)code}b";
            Assert.Equal(Relaxed.Encode(text), Encoded(text));
        }
    }

    [Fact]
    public void It_escapes_any_text_as_the_relaxed_encoder_does()
    {
        var random = new Random(1);
        string[] words = ["plain text ", "\r\n", "\"quoted\"", "\\", "\t", "Grüße, ", "Привет ", "日本語", "😀", "\ud83d", "\ude00", "\0"];
        for (var i = 0; i < 1_000; i++)
        {
            var text = string.Concat(random.GetItems(words, random.Next(12)));
            Assert.Equal(Relaxed.Encode(text), Encoded(text));
        }
    }

    [Theory]
    [InlineData("a text that is longer", 5)]
    [InlineData("lines\n", 6)]
    [InlineData("Grüße\u0001", 8)]
    public void It_stops_where_the_destination_ends(string text, int length)
    {
        var destination = new char[length];
        var status = ReadableEncoder.Instance.Encode(text.AsSpan(), destination, out var consumed, out var written);
        Assert.Equal(OperationStatus.DestinationTooSmall, status);
        Assert.Equal(Relaxed.Encode(text[..consumed]), new string(destination, 0, written));
    }

    [Fact]
    public void A_long_text_is_escaped_in_blocks()
    {
        var text = string.Concat(Enumerable.Repeat($"{new string('a', 700)}\n😀é\"", 20));
        Assert.Equal(Relaxed.Encode(text), ReadableEncoder.Instance.Encode(text));
    }

    [Fact]
    public void Half_a_character_at_the_end_of_a_block_waits_for_its_other_half()
    {
        var destination = new char[20];
        var status = ReadableEncoder.Instance.Encode("a\ud83d", destination, out var consumed, out _, isFinalBlock: false);
        Assert.Equal(OperationStatus.NeedMoreData, status);
        Assert.Equal(1, consumed);
    }

    private static string Encoded(string text)
    {
        var destination = new char[text.Length * ReadableEncoder.Instance.MaxOutputCharactersPerInputCharacter];
        Assert.Equal(OperationStatus.Done, ReadableEncoder.Instance.Encode(text.AsSpan(), destination, out var consumed, out var written));
        Assert.Equal(text.Length, consumed);
        return new string(destination, 0, written);
    }
}
