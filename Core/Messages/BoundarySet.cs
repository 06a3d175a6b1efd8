using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;
using System.Text;

namespace EmailIngestion.Messages;

/// <summary>
/// The boundaries that an email has declared so far. A lookup by text takes the same time for any number of boundaries. A boundary is in
/// force within its multipart. After the end of its multipart it is still found, since a parser may still expect it.
/// </summary>
internal sealed class BoundarySet : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    private readonly Dictionary<byte[], Boundary> _boundaries;
    private readonly Dictionary<byte[], Boundary>.AlternateLookup<ReadOnlySpan<byte>> _byBytes;
    private readonly long _seed = Random.Shared.NextInt64();
    private readonly Stack<Boundary> _inForce = new();
    private ulong _lengths;

    public BoundarySet()
    {
        _boundaries = new Dictionary<byte[], Boundary>(this);
        _byBytes = _boundaries.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <param name="boundary">The decoded value of the parameter.</param>
    /// <param name="depth">The number of multiparts and attached emails around the multipart.</param>
    /// <param name="isDigest">Whether the parts of the multipart are emails by default.</param>
    public void Add(string boundary, int depth, bool isDigest)
    {
        var delimiter = Encoding.UTF8.GetBytes($"--{boundary}");
        if (!_boundaries.TryGetValue(delimiter, out var known))
        {
            known = new Boundary();
            _boundaries.Add(delimiter, known);
            _lengths |= Bit(delimiter.Length);
        }

        known.Depth = Math.Max(known.Depth, depth);
        known.IsDigest |= isDigest;
        known.Around++;
        _inForce.Push(known);
    }

    /// <summary>Whether a line begins a part. Returns the boundary of its multipart.</summary>
    public bool TryFind(ReadOnlySpan<byte> line, [NotNullWhen(true)] out Boundary? boundary)
    {
        boundary = null;
        return (_lengths & Bit(line.Length)) != 0 && _byBytes.TryGetValue(line, out boundary);
    }

    /// <summary>Ends the multiparts within the multipart of this boundary. The last line of the boundary ends that multipart too.</summary>
    public void End(Boundary boundary, bool isLast)
    {
        if (!boundary.IsInForce)
            return;
        while (_inForce.Peek() != boundary)
            _inForce.Pop().Around--;
        if (isLast)
            _inForce.Pop().Around--;
    }

    bool IEqualityComparer<byte[]>.Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    int IEqualityComparer<byte[]>.GetHashCode([DisallowNull] byte[] obj) => Hash(obj);

    bool IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>.Equals(ReadOnlySpan<byte> alternate, byte[] other) =>
        alternate.SequenceEqual(other);

    int IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>.GetHashCode(ReadOnlySpan<byte> alternate) => Hash(alternate);

    byte[] IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>.Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

    private static ulong Bit(int length) => 1UL << (length & 63);

    // The seed prevents boundaries chosen to have equal hashes.
    private int Hash(ReadOnlySpan<byte> bytes) => (int)XxHash3.HashToUInt64(bytes, _seed);

    internal sealed class Boundary
    {
        /// <summary>The largest number of multiparts and attached emails around a multipart that declares it.</summary>
        public int Depth { get; set; }

        /// <summary>Whether the parts of its multipart are emails by default (multipart/digest).</summary>
        public bool IsDigest { get; set; }

        /// <summary>The number of open multiparts that declare it.</summary>
        public int Around { get; set; }

        public bool IsInForce => Around > 0;
    }
}
