using System.Buffers.Binary;
using System.Text;
using EmailIngestion.Load;
using EmailIngestion.Streams;
using StackExchange.Redis;

namespace EmailIngestion.Bench.Sides;

/// <summary>Builds XADD commands of the product's entries, ready to be sent. Only the ID and the UID differ between entries.</summary>
internal sealed class Entries
{
    private const int IdLength = 16;
    private const string Uid = "1234567890";

    private readonly byte[] _template;
    private readonly int _id;
    private readonly int _uid;

    public Entries(RedisKey stream, int bytes)
    {
        var marker = Enumerable.Range(200, IdLength).Select(value => (byte)value).ToArray();
        var fields = EntryCodec.Encode(new LoadMail(bytes).Item(1, TimeProvider.System.GetUtcNow()).Message)
            .SelectMany(
                field => new[] { field.Name, field.Name == EntryFields.Id ? marker : field.Name == EntryFields.Uid ? Uid : field.Value });
        _template = RawRedis.Command([
            Encoding.ASCII.GetBytes("XADD"), (byte[])((RedisValue)stream.ToString())!, Encoding.ASCII.GetBytes("*"),
            .. fields.Select(field => (ReadOnlyMemory<byte>)(byte[])field!),
        ]);
        _id = _template.AsSpan().IndexOf(marker);
        _uid = _template.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Uid));
    }

    /// <summary>Appends new entries in blocks.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Blocks(uint first, int count, int each)
    {
        var block = new byte[_template.Length * each];
        for (var i = 0; i < each; i++)
            _template.CopyTo(block, i * _template.Length);
        for (var at = 0; at < count; at += each)
        {
            for (var i = 0; i < each; i++)
            {
                var number = first + (uint)(at + i);
                var entry = block.AsSpan(i * _template.Length, _template.Length);
                BinaryPrimitives.WriteUInt64BigEndian(entry[(_id + 8)..], number);
                number.TryFormat(entry.Slice(_uid, Uid.Length), out _, "D10", null);
            }

            yield return block;
        }
    }

    /// <summary>Fills a stream as fast as Redis accepts the commands.</summary>
    public static void Fill(int port, StreamKeys keys, uint first, int count, int bytes)
    {
        const int each = 100;
        using var redis = new RawRedis(port);
        redis.Pipeline(new Entries(keys.Stream, bytes).Blocks(first, count, each), each);
    }
}
