using System.Runtime.InteropServices;

namespace EmailIngestion.Messages;

/// <summary>
/// Scans the bytes of an email once, before a parser sees them. It counts what parsing costs and finds the bytes to cut. Its time is linear
/// in the email's length. The counts are at least those of the parser: where the two could differ (a boundary that is no longer in force,
/// two Content-Types in one header) the scan takes the larger count.
/// </summary>
internal sealed class MessageScan
{
    private const int LinesPerCheck = 4_096;

    // The bytes kept of a text before the first part or after the last one. The parser copies such a text several times.
    private const int MaxOutside = 64 * 1024;

    private readonly ReadOnlyMemory<byte> _raw;
    private readonly CancellationToken _cancellationToken;
    private readonly StructureCounter _counter;
    private readonly PartTracker _parts;
    private int _lines;

    private MessageScan(ReadOnlyMemory<byte> raw, MessageLimits limits, CancellationToken cancellationToken)
    {
        (_raw, _cancellationToken) = (raw, cancellationToken);
        _counter = new StructureCounter(limits);
        _parts = new PartTracker(_counter);
    }

    private MessageStructure Structure => _counter.Structure;

    /// <exception cref="MessageTooComplexException">The email exceeds a limit.</exception>
    public static MessageStructure Run(ReadOnlyMemory<byte> raw, MessageLimits limits, CancellationToken cancellationToken = default)
    {
        // The parser of Content-Type reads arrays only.
        var scan = new MessageScan(MemoryMarshal.TryGetArray(raw, out _) ? raw : raw.ToArray(), limits, cancellationToken);
        scan.Run();
        return scan.Structure;
    }

    private void Run()
    {
        _cancellationToken.ThrowIfCancellationRequested();
        Structure.Start = HeaderStart.Find(_raw.Span);
        if (Structure.Start == HeaderStart.None)
        {
            Structure.Start = 0;
            Structure.IsBodyOnly = true;
            return;
        }

        for (var at = Structure.Start; at < _raw.Length;)
            at = ReadContent(ReadHeaders(at));
    }

    // Reads headers from an offset on. The headers of an attached email follow at once and are read too. Returns the start of the content.
    private int ReadHeaders(int at)
    {
        var span = _raw.Span;
        while (at < span.Length)
        {
            CheckCancellation();
            var end = LineEnd(at);
            var line = span[at..end];
            if (line is [(byte)'\n'] or [(byte)'\r', (byte)'\n'])
            {
                at = end;
                _counter.AddHeaderBytes(line.Length);
                if (!_parts.EndHeaders())
                    return at;
                continue;
            }

            if (_parts.IsDelimiter(line, out var boundary))
            {
                _counter.AddHeader(line.Length);
                _parts.BeginPartInHeaders(boundary);
                at = end;
                continue;
            }

            while (end < span.Length && span[end] is (byte)' ' or (byte)'\t')
                end = LineEnd(end);
            ReadField(at, end - at);
            at = end;
        }

        _parts.EndHeaders();
        return at;
    }

    // Searches for a line that begins a part. Text after the end of a multipart is content too. Returns the start of the part's headers.
    private int ReadContent(int at)
    {
        var span = _raw.Span;
        if (!_parts.HasBoundaries)
            return span.Length;
        var outside = _parts is { IsMultipart: true, IsAmbiguous: false } ? at : -1;
        while (at < span.Length)
        {
            // The byte before is the newline of the line before.
            if (!span[at..].StartsWith("--"u8))
            {
                var next = span[(at - 1)..].IndexOf("\n--"u8);
                if (next < 0)
                    break;
                at += next;
            }

            CheckCancellation();
            var end = LineEnd(at);
            if (_parts.IsDelimiter(span[at..end], out var boundary))
            {
                _parts.BeginPartInContent(boundary);
                CutOutside(outside, at);
                return end;
            }

            if (_parts.HasEnded && outside < 0)
                outside = end;
            at = end;
        }

        CutOutside(outside, span.Length);
        return span.Length;
    }

    // Cuts between two lines, so that the rest of a line cannot become a boundary.
    private void CutOutside(int start, int end)
    {
        if (start < 0 || end - start <= MaxOutside || _parts.IsAmbiguous)
            return;
        var keep = start + _raw.Span.Slice(start, MaxOutside).LastIndexOf((byte)'\n') + 1;
        Structure.CutOutside(keep, end - keep);
    }

    private void ReadField(int start, int length)
    {
        _counter.AddHeader(length);
        var field = _raw.Slice(start, length);
        var kind = FieldKinds.Of(field.Span);
        if (kind == FieldKind.Parameters)
            _counter.AddParameters(field.Span.Count((byte)';'));
        var cut = FieldCutter.Cut(field.Span, kind);
        if (cut is not null)
            Structure.ReplaceField(start, length, cut);
        _parts.AddField(cut is null ? field : cut, kind);
    }

    private int LineEnd(int at) => _raw.Span[at..].IndexOf((byte)'\n') is >= 0 and var newline ? at + newline + 1 : _raw.Length;

    private void CheckCancellation()
    {
        if (++_lines % LinesPerCheck == 0)
            _cancellationToken.ThrowIfCancellationRequested();
    }
}
