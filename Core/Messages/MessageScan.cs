using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace EmailIngestion.Messages;

/// <summary>
/// One pass over the bytes of an email, before any parser sees them: counts what parsing costs and finds what has to be cut. Its time grows
/// with the email's length only. It sees at least the parts, depth and headers that the parser sees: where the two could differ (a boundary
/// that is no longer in force, two Content-Types in one header) it takes the larger.
/// </summary>
internal sealed class MessageScan
{
    private const int LinesPerLook = 4_096;

    // What is kept of a text before the first part or after the last one. The parser copies it several times.
    private const int MaxOutside = 64 * 1024;

    private readonly ReadOnlyMemory<byte> _raw;
    private readonly MessageLimits _limits;
    private readonly CancellationToken _cancellationToken;
    private readonly MessageStructure _structure = new();
    private readonly HeaderBlock _block = new();
    private BoundarySet? _boundaries;
    private bool _isAmbiguous;
    private bool _isMultipart;
    private bool _hasEnded;
    private int _depth;
    private int _lines;

    private MessageScan(ReadOnlyMemory<byte> raw, MessageLimits limits, CancellationToken cancellationToken) =>
        (_raw, _limits, _cancellationToken) = (raw, limits, cancellationToken);

    /// <exception cref="MessageTooComplexException">It exceeds a limit.</exception>
    public static MessageStructure Run(ReadOnlyMemory<byte> raw, MessageLimits limits, CancellationToken cancellationToken = default)
    {
        // The parser of Content-Type reads arrays only.
        var scan = new MessageScan(MemoryMarshal.TryGetArray(raw, out _) ? raw : raw.ToArray(), limits, cancellationToken);
        scan.Run();
        return scan._structure;
    }

    private void Run()
    {
        _cancellationToken.ThrowIfCancellationRequested();
        _structure.Start = HeaderStart.Find(_raw.Span);
        if (_structure.Start == HeaderStart.None)
        {
            _structure.Start = 0;
            _structure.IsBodyOnly = true;
            return;
        }

        for (var at = _structure.Start; at < _raw.Length;)
            at = Content(Headers(at));
    }

    // Reads headers from an offset on, also those of attached emails, which follow at once. Returns where content begins.
    private int Headers(int at)
    {
        var span = _raw.Span;
        while (at < span.Length)
        {
            Look();
            var end = LineEnd(at);
            var line = span[at..end];
            if (line is [(byte)'\n'] or [(byte)'\r', (byte)'\n'])
            {
                at = end;
                CountHeaderBytes(line.Length);
                if (!EndHeaders())
                    return at;
                continue;
            }

            if (IsDelimiter(line, out var boundary))
            {
                // To the parser it is a header, and the part goes on, if the multipart is over or was one of two types only.
                CountHeader(line.Length);
                _isAmbiguous |= !boundary.IsInForce || _block.IsAmbiguous;
                BeginPart(boundary, _isAmbiguous ? _depth : 0);
                at = end;
                continue;
            }

            while (end < span.Length && span[end] is (byte)' ' or (byte)'\t')
                end = LineEnd(end);
            Field(at, end - at);
            at = end;
        }

        EndHeaders();
        return at;
    }

    // Looks for a line that begins a part; what follows one that ends a multipart is content too. Returns where its headers begin.
    private int Content(int at)
    {
        var span = _raw.Span;
        if (_boundaries is null)
            return span.Length;
        var outside = _isMultipart && !_isAmbiguous ? at : -1;
        _isMultipart = false;
        while (at < span.Length)
        {
            // The line before ends in a newline, or it would not be over.
            if (!span[at..].StartsWith("--"u8))
            {
                var next = span[(at - 1)..].IndexOf("\n--"u8);
                if (next < 0)
                    break;
                at += next;
            }

            Look();
            var end = LineEnd(at);
            if (IsDelimiter(span[at..end], out var boundary))
            {
                _isAmbiguous |= !boundary.IsInForce;
                CutOutside(outside, at);
                BeginPart(boundary, 0);
                return end;
            }

            if (_hasEnded && outside < 0)
                outside = end;
            at = end;
        }

        CutOutside(outside, span.Length);
        return span.Length;
    }

    // Between two lines, so that what is left of one cannot become a boundary.
    private void CutOutside(int start, int end)
    {
        if (start < 0 || end - start <= MaxOutside || _isAmbiguous)
            return;
        var keep = start + _raw.Span.Slice(start, MaxOutside).LastIndexOf((byte)'\n') + 1;
        _structure.Replace(keep, end - keep, [.. "\r\n"u8]);
    }

    private bool IsDelimiter(ReadOnlySpan<byte> line, [NotNullWhen(true)] out BoundarySet.Boundary? boundary)
    {
        boundary = null;
        _hasEnded = false;
        if (_boundaries is null || !line.StartsWith("--"u8))
            return false;
        // The deepest part so far has no more boundaries in force around it.
        _structure.BoundaryChecks += _structure.Depth + 1;
        Check("Processing:MaxBoundaryChecks", _limits.MaxBoundaryChecks, _structure.BoundaryChecks);
        line = line.TrimEnd(" \t\r\n"u8);
        if (_boundaries.TryFind(line, out boundary))
            return true;
        if (line.EndsWith("--"u8) && _boundaries.TryFind(line[..^2], out var ended) && ended.IsInForce)
        {
            _boundaries.End(ended, isLast: true);
            _hasEnded = true;
        }

        return false;
    }

    private void BeginPart(BoundarySet.Boundary boundary, int leastDepth)
    {
        CloseBlock();
        _boundaries!.End(boundary, isLast: false);
        _structure.Parts++;
        Check("Processing:MaxParts", _limits.MaxParts, _structure.Parts);
        _block.BeginPart(boundary.IsDigest);
        Deepen(Math.Max(leastDepth, boundary.Depth + 1));
    }

    private void Deepen(int depth)
    {
        _depth = depth;
        _structure.Depth = Math.Max(_structure.Depth, depth);
        Check("Processing:MaxDepth", _limits.MaxDepth, _structure.Depth);
    }

    private void Field(int start, int length)
    {
        CountHeader(length);
        var field = _raw.Slice(start, length);
        var kind = FieldKinds.Of(field.Span);
        if (kind == FieldKind.Parameters)
        {
            var parameters = field.Span.Count((byte)';');
            _structure.Parameters = Math.Max(_structure.Parameters, parameters);
            Check("Processing:MaxParameters", _limits.MaxParameters, parameters);
        }

        var cut = FieldCutter.Cut(field.Span, kind);
        if (cut is not null)
            _structure.Replace(start, length, cut);
        _block.Add(cut is null ? field : cut, kind);
    }

    private void CountHeader(int length)
    {
        CountHeaderBytes(length);
        _structure.Headers++;
        Check("Processing:MaxHeaders", _limits.MaxHeaders, _structure.Headers);
        _structure.LongestHeader = Math.Max(_structure.LongestHeader, length);
    }

    private void CountHeaderBytes(int length)
    {
        _structure.HeaderBytes += length;
        Check("Processing:MaxHeaderBytes", _limits.MaxHeaderBytes, _structure.HeaderBytes);
    }

    // Whether headers follow: those of an attached email.
    private bool EndHeaders()
    {
        CloseBlock();
        _isAmbiguous |= _block.IsAmbiguous;
        var attached = _block.IsEmail;
        if (attached)
        {
            if (!_block.IsPart)
                Check("Processing:MaxParts", _limits.MaxParts, ++_structure.Parts);
            Deepen(_depth + 1);
        }

        _block.Begin();
        return attached;
    }

    private void CloseBlock()
    {
        _isMultipart = false;
        foreach (var (boundary, isDigest) in _block.Close())
        {
            (_boundaries ??= new BoundarySet()).Add(boundary, _depth, isDigest);
            _isMultipart = true;
        }
    }

    private int LineEnd(int at) => _raw.Span[at..].IndexOf((byte)'\n') is >= 0 and var newline ? at + newline + 1 : _raw.Length;

    private void Look()
    {
        if (++_lines % LinesPerLook == 0)
            _cancellationToken.ThrowIfCancellationRequested();
    }

    private static void Check(string name, long limit, long value)
    {
        if (value > limit)
            throw new MessageTooComplexException(name, limit, value);
    }
}
