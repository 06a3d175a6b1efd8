using EmailIngestion.Messages;
using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Bodies;

/// <summary>Reads one key of Redis in parts of at most 1 MiB, so that no reply and no output buffer has the whole body.</summary>
internal sealed class RedisBodyStream(RedisKey key, long length, RedisConnection connection) : ReadOnlyStream
{
    private const int PartBytes = 1024 * 1024;

    private ReadOnlyMemory<byte> _part;
    private long _at;

    public override long Length => length;

    public override long Position
    {
        get => _at - _part.Length;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_part.IsEmpty && _at < length && !buffer.IsEmpty)
        {
            var database = await connection.DatabaseAsync(cancellationToken);
            Take(await database.StringGetRangeAsync(key, _at, Math.Min(_at + PartBytes, length) - 1));
        }

        return Give(buffer.Span);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(Span<byte> buffer)
    {
        if (_part.IsEmpty && _at < length && !buffer.IsEmpty)
        {
            var database = connection.DatabaseAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
            Take(database.StringGetRange(key, _at, Math.Min(_at + PartBytes, length) - 1));
        }

        return Give(buffer);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    // A key that was deleted meanwhile returns nothing: the body ends early, which its reader notices.
    private void Take(RedisValue part)
    {
        _part = (ReadOnlyMemory<byte>)part;
        _at = _part.IsEmpty ? length : _at + _part.Length;
    }

    private int Give(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _part.Length);
        _part.Span[..count].CopyTo(buffer);
        _part = _part[count..];
        return count;
    }
}
