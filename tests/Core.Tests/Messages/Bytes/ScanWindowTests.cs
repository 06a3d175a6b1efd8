using System.Text;
using CsCheck;
using EmailIngestion.Messages;
using EmailIngestion.Messages.Bytes;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages.Bytes;

/// <summary>Tests that a scan finds the same through windows as in memory, and that its windows stay small.</summary>
public sealed class ScanWindowTests
{
    private const string Multipart = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";

    // Far beyond the longest line that the scan looks at as a whole.
    private const int Long = 300_000;

    [Fact]
    public void A_scan_through_windows_finds_what_a_scan_in_memory_finds() => Gen.Select(
        Gen.OneOf(MimeBytes.WellFormed, MimeBytes.Mutated, OddBytes.Any), Gen.Int[1, 64]).Sample(
        (raw, window) => Assert.Equal(InMemory(raw), Outside(raw, window)),
        iter: 30_000,
        print: sample => $"window {sample.Item2}: {Encoding.UTF8.GetString(sample.Item1)}");

    [Theory]
    [InlineData(' ', 2)]
    [InlineData('x', 1)]
    public void A_line_longer_than_a_window_begins_a_part_if_it_ends_with_blanks(char rest, int parts)
    {
        var raw = Bytes($"{Multipart}--b\r\n\r\none\r\n--b{new string(rest, Long)}\r\n\r\ntwo\r\n--b--\r\n");

        var structure = MessageScan.Run(new OutsideSource(raw), MessageLimits.Default, TestContext.Current.CancellationToken);

        Assert.Equal(parts, structure.Parts);
        Assert.Equal(InMemory(raw), Outside(raw, window: 1));
    }

    [Theory]
    [InlineData(' ', 1)]
    [InlineData('x', 2)]
    public void A_line_longer_than_a_window_ends_a_multipart_if_it_ends_with_blanks(char rest, int parts)
    {
        // The part after the end counts: a parser may still expect it. What differs is whether the text before it is outside.
        var outside = string.Concat(Enumerable.Repeat("outside\r\n", 20_000));
        var raw = Bytes($"{Multipart}--b\r\n\r\none\r\n--b--{new string(rest, Long)}\r\n{outside}");

        var structure = MessageScan.Run(new OutsideSource(raw), MessageLimits.Default, TestContext.Current.CancellationToken);

        Assert.Equal(parts == 1, structure.IsCutOutside);
        Assert.Equal(InMemory(raw), Outside(raw, window: 1));
    }

    [Fact]
    public void A_field_larger_than_all_headers_may_be_is_refused_without_reading_it_whole()
    {
        var source = new OutsideSource(Bytes("Subject: " + new string('x', 20_000_000)));

        var error = Assert.Throws<MessageTooComplexException>(
            () => MessageScan.Run(source, MessageLimits.Default, TestContext.Current.CancellationToken));

        Assert.Equal("Processing:MaxHeaderBytes", error.Limit);
        Assert.InRange(source.Longest, 1, 2 * MessageLimits.Default.MaxHeaderBytes);
    }

    [Fact]
    public void A_large_message_is_scanned_by_small_reads()
    {
        var line = new string('A', 76) + "\r\n";
        var source = new OutsideSource(Bytes($"{Multipart}--b\r\n\r\n{string.Concat(Enumerable.Repeat(line, 200_000))}--b--\r\n"));

        var structure = MessageScan.Run(source, MessageLimits.Default, TestContext.Current.CancellationToken);

        Assert.Equal(1, structure.Parts);
        Assert.InRange(source.Longest, 1, 256 * 1024);
    }

    [Fact]
    public void A_long_preamble_is_cut_as_in_memory()
    {
        var outside = string.Concat(Enumerable.Repeat("a line outside\r\n", 100_000));
        var raw = Bytes($"{Multipart}{outside}--b\r\n\r\n{outside}--b--\r\n{outside}--\r\n");

        Assert.Equal(InMemory(raw), Outside(raw, window: 100));
        Assert.Contains("CutOutside True", InMemory(raw), StringComparison.Ordinal);
    }

    private static string InMemory(byte[] raw) => Scan(new ScanWindow(new MemorySource(raw)));

    private static string Outside(byte[] raw, int window) => Scan(new ScanWindow(new OutsideSource(raw), window));

    private static string Scan(ScanWindow bytes)
    {
        var found = MessageScan.Run(bytes, MessageLimits.Default, CancellationToken.None);
        var replaced = found.Replacements?.Select(one => $"{one.Start}+{one.Length} {one.IsField} {Encoding.Latin1.GetString(one.Bytes)}");
        return $"Start {found.Start} BodyOnly {found.IsBodyOnly} Parts {found.Parts} Depth {found.Depth} HeaderBytes {found.HeaderBytes} "
            + $"Longest {found.LongestHeader} Headers {found.Headers} Parameters {found.Parameters} Checks {found.BoundaryChecks} "
            + $"CutOutside {found.IsCutOutside} {string.Join('|', replaced ?? [])}";
    }

    private static byte[] Bytes(string raw) => Encoding.UTF8.GetBytes(raw);
}
