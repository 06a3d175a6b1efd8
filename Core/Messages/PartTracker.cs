using System.Diagnostics.CodeAnalysis;

namespace EmailIngestion.Messages;

/// <summary>Tracks the parts of an email during a scan: the boundaries declared so far, the headers being read, and the depth.</summary>
internal sealed class PartTracker(StructureCounter counter)
{
    private readonly HeaderBlock _block = new();
    private BoundarySet? _boundaries;
    private int _depth;

    /// <summary>Whether the email has declared a boundary.</summary>
    public bool HasBoundaries => _boundaries is not null;

    /// <summary>Whether the last headers declare a multipart.</summary>
    public bool IsMultipart { get; private set; }

    /// <summary>Whether the last line given to <see cref="IsDelimiter"/> ends a multipart.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Whether a parser may see other parts than the scan.</summary>
    public bool IsAmbiguous { get; private set; }

    /// <summary>Adds a header field to the headers being read.</summary>
    public void AddField(ReadOnlyMemory<byte> field, FieldKind kind) => _block.Add(field, kind);

    /// <summary>Whether a line begins a part. A line that ends a multipart takes its boundary out of force.</summary>
    public bool IsDelimiter(ReadOnlySpan<byte> line, [NotNullWhen(true)] out BoundarySet.Boundary? boundary)
    {
        boundary = null;
        HasEnded = false;
        if (_boundaries is null || !line.StartsWith("--"u8))
            return false;
        counter.AddBoundaryChecks();
        line = line.TrimEnd(" \t\r\n"u8);
        if (_boundaries.TryFind(line, out boundary))
            return true;
        if (line.EndsWith("--"u8) && _boundaries.TryFind(line[..^2], out var ended) && ended.IsInForce)
        {
            _boundaries.End(ended, isLast: true);
            HasEnded = true;
        }

        return false;
    }

    /// <summary>Begins a part at a delimiter among headers.</summary>
    public void BeginPartInHeaders(BoundarySet.Boundary boundary)
    {
        // The parser reads the line as a header of the same part if the multipart is over, or if the part has two Content-Types and the
        // parser took the other one.
        IsAmbiguous |= !boundary.IsInForce || _block.IsAmbiguous;
        BeginPart(boundary, IsAmbiguous ? _depth : 0);
    }

    /// <summary>Begins a part at a delimiter in content.</summary>
    public void BeginPartInContent(BoundarySet.Boundary boundary)
    {
        IsAmbiguous |= !boundary.IsInForce;
        BeginPart(boundary, 0);
    }

    /// <summary>Ends the headers at an empty line or at the end of the email.</summary>
    /// <returns>Whether more headers follow: those of an attached email.</returns>
    public bool EndHeaders()
    {
        CloseBlock();
        IsAmbiguous |= _block.IsAmbiguous;
        var attached = _block.IsEmail;
        if (attached)
        {
            if (!_block.IsPart)
                counter.AddPart();
            Deepen(_depth + 1);
        }

        _block.Begin();
        return attached;
    }

    private void BeginPart(BoundarySet.Boundary boundary, int leastDepth)
    {
        CloseBlock();
        _boundaries!.End(boundary, isLast: false);
        counter.AddPart();
        _block.BeginPart(boundary.IsDigest);
        Deepen(Math.Max(leastDepth, boundary.Depth + 1));
    }

    private void Deepen(int depth)
    {
        _depth = depth;
        counter.AddDepth(depth);
    }

    private void CloseBlock()
    {
        IsMultipart = false;
        foreach (var (boundary, isDigest) in _block.Close())
        {
            (_boundaries ??= new BoundarySet()).Add(boundary, _depth, isDigest);
            IsMultipart = true;
        }
    }
}
