using EmailIngestion.Messages.Bytes;

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

    // No boundary is longer: the field that declares it is cut to 32 KiB.
    private const int MaxDelimiter = 128 * 1024;

    private readonly ScanWindow _bytes;
    private readonly int _maxHeader;
    private readonly CancellationToken _cancellationToken;
    private readonly StructureCounter _counter;
    private readonly PartTracker _parts;
    private int _lines;

    private MessageScan(ScanWindow bytes, MessageLimits limits, CancellationToken cancellationToken)
    {
        (_bytes, _maxHeader, _cancellationToken) = (bytes, Math.Min(limits.MaxHeaderBytes, bytes.Length), cancellationToken);
        _counter = new StructureCounter(limits);
        _parts = new PartTracker(_counter);
    }

    private MessageStructure Structure => _counter.Structure;

    /// <exception cref="MessageTooComplexException">The email exceeds a limit.</exception>
    public static MessageStructure Run(ReadOnlyMemory<byte> raw, MessageLimits limits, CancellationToken cancellationToken = default) =>
        Run(new MemorySource(raw), limits, cancellationToken);

    /// <inheritdoc cref="Run(ReadOnlyMemory{byte}, MessageLimits, CancellationToken)"/>
    public static MessageStructure Run(ByteSource raw, MessageLimits limits, CancellationToken cancellationToken = default) =>
        Run(new ScanWindow(raw), limits, cancellationToken);

    /// <inheritdoc cref="Run(ReadOnlyMemory{byte}, MessageLimits, CancellationToken)"/>
    public static MessageStructure Run(ScanWindow bytes, MessageLimits limits, CancellationToken cancellationToken)
    {
        var scan = new MessageScan(bytes, limits, cancellationToken);
        scan.Run();
        return scan.Structure;
    }

    private void Run()
    {
        _cancellationToken.ThrowIfCancellationRequested();
        Structure.Start = HeaderStart.Find(_bytes.Head(HeaderStart.MaxBytes));
        if (Structure.Start == HeaderStart.None)
        {
            Structure.Start = 0;
            Structure.IsBodyOnly = true;
            return;
        }

        _bytes.Need(Structure.Start, 1);
        for (var at = Structure.Start; at < _bytes.Length;)
            at = ReadContent(ReadHeaders(at));
    }

    // Reads headers from an offset on. The headers of an attached email follow at once and are read too. Returns the start of the content.
    private int ReadHeaders(int at)
    {
        while (at < _bytes.Length)
        {
            CheckCancellation();
            var end = _bytes.LineEnd(at, at, _maxHeader + 1);
            var line = _bytes.From(at)[..(end - at)];
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

            while (end < _bytes.Length && end - at <= _maxHeader && _bytes.Need(at, end - at + 1)[end - at] is (byte)' ' or (byte)'\t')
                end = _bytes.LineEnd(end, at, _maxHeader + 1);
            ReadField(at, end - at);
            at = end;
        }

        _parts.EndHeaders();
        return at;
    }

    // Searches for a line that begins a part. Text after the end of a multipart is content too. Returns the start of the part's headers.
    private int ReadContent(int at)
    {
        if (!_parts.HasBoundaries)
            return _bytes.Length;
        var outside = _parts is { IsMultipart: true, IsAmbiguous: false } ? at : -1;
        while ((at = FindDashes(at)) < _bytes.Length)
        {
            CheckCancellation();
            var end = _bytes.LineEnd(at, at, MaxDelimiter);
            var line = _bytes.From(at)[..(end - at)];
            if (line.Length >= MaxDelimiter && end < _bytes.Length && line[^1] != (byte)'\n')
                (line, end) = LongLine(line.ToArray(), end);
            if (_parts.IsDelimiter(line, out var boundary))
            {
                _parts.BeginPartInContent(boundary);
                CutOutside(outside, at);
                return end;
            }

            if (_parts.HasEnded && outside < 0)
                outside = end;
            at = end;
        }

        CutOutside(outside, _bytes.Length);
        return _bytes.Length;
    }

    // The next line that begins with two dashes, from the start of a line on. The length of the message: there is none.
    private int FindDashes(int at)
    {
        // The byte before is the newline of the line before.
        if (_bytes.Need(--at, 3)[1..].StartsWith("--"u8))
            return at + 1;
        do
        {
            var rest = _bytes.From(at);
            if (rest.IndexOf("\n--"u8) is >= 0 and var next)
                return at + next + 1;
            // The end of the window may have the start of what is searched.
            at += Math.Max(0, rest.Length - 2);
        }
        while (_bytes.Move(at));
        return _bytes.Length;
    }

    // A line that is longer than any boundary is one only if there are blanks behind it.
    private (byte[] Line, int End) LongLine(byte[] line, int end)
    {
        var isBlank = true;
        while (end < _bytes.Length)
        {
            var rest = _bytes.Need(end, 1);
            var newline = rest.IndexOf((byte)'\n');
            rest = newline < 0 ? rest : rest[..(newline + 1)];
            isBlank &= rest.Trim(" \t\r\n"u8).IsEmpty;
            end += rest.Length;
            if (newline >= 0)
                break;
        }

        return (isBlank ? line : "--\0"u8.ToArray(), end);
    }

    // Cuts between two lines, so that the rest of a line cannot become a boundary.
    private void CutOutside(int start, int end)
    {
        if (start < 0 || end - start <= MaxOutside || _parts.IsAmbiguous)
            return;
        var keep = start + _bytes.Again(start, MaxOutside).Span.LastIndexOf((byte)'\n') + 1;
        Structure.CutOutside(keep, end - keep);
    }

    private void ReadField(int start, int length)
    {
        _counter.AddHeader(length);
        var field = _bytes.Slice(start, length);
        var kind = FieldKinds.Of(field.Span);
        if (kind == FieldKind.Parameters)
            _counter.AddParameters(field.Span.Count((byte)';'));
        var cut = FieldCutter.Cut(field.Span, kind);
        if (cut is not null)
            Structure.ReplaceField(start, length, cut);
        _parts.AddField(cut is null ? field : cut, kind);
    }

    private void CheckCancellation()
    {
        if (++_lines % LinesPerCheck == 0)
            _cancellationToken.ThrowIfCancellationRequested();
    }
}
