using System.Buffers;
using System.Globalization;
using System.Text;

namespace EmailIngestion.Bench.Sides;

/// <summary>A Redis client that only sends bytes through a socket or through TLS, many commands ahead of their replies.</summary>
internal sealed class RawRedis(int port, string? authority = null) : IDisposable
{
    private const int Ahead = 2_000;

    private readonly Stream _stream = BareConnection.Connect(port, authority);
    private readonly byte[] _replies = new byte[256 * 1024];

    // A bulk string is two lines. True when the first line was read.
    private int _half;

    /// <summary>
    /// Sends blocks of <paramref name="each"/> commands whose replies are bulk strings. Returns when all replies are read.
    /// </summary>
    public void Pipeline(IEnumerable<ReadOnlyMemory<byte>> blocks, int each)
    {
        long sent = 0;
        long received = 0;
        foreach (var block in blocks)
        {
            _stream.Write(block.Span);
            sent += each;
            while (sent - received > Ahead)
                received += Receive();
        }

        while (received < sent)
            received += Receive();
    }

    /// <summary>Sends one command and returns its reply.</summary>
    public string Ask(params string[] parts)
    {
        _stream.Write(Command([.. parts.Select(Encoding.UTF8.GetBytes)]));
        return Encoding.Latin1.GetString(_replies, 0, _stream.Read(_replies));
    }

    public static byte[] Command(IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        var buffer = new ArrayBufferWriter<byte>();
        Write($"*{parts.Count}\r\n");
        foreach (var part in parts)
        {
            Write($"${part.Length}\r\n");
            buffer.Write(part.Span);
            Write("\r\n");
        }

        return buffer.WrittenSpan.ToArray();

        void Write(string text) => buffer.Write(Encoding.ASCII.GetBytes(text));
    }

    public void Dispose() => _stream.Dispose();

    private long Receive()
    {
        var read = _stream.Read(_replies);
        if (read == 0 || _replies.AsSpan(0, read).IndexOf("\n-"u8) >= 0)
            throw new IOException(string.Create(
                CultureInfo.InvariantCulture, $"Redis ended the pipeline: {Encoding.Latin1.GetString(_replies, 0, Math.Min(read, 200))}"));
        var lines = _half + _replies.AsSpan(0, read).Count((byte)'\n');
        _half = lines % 2;
        return lines / 2;
    }
}
