using System.Text;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Reads deliveries from Redis's replies (RESP2).</summary>
internal static class DeliveryReply
{
    // An entry with more fields is somebody else's, or has been attacked.
    private const int UsualFields = 32;

    /// <summary>
    /// Reads what XREADGROUP replies for one stream: {key, {{id, {name, value, …}}, …}}. An entry that was deleted meanwhile has nil for
    /// its fields. It reads the bytes itself, because the objects that the client library makes of them take most of the time of a read.
    /// </summary>
    /// <exception cref="InvalidDataException">The reply has another form.</exception>
    public static List<Delivery> Read(ReadOnlySpan<byte> reply)
    {
        // Redis answers nil when it has no entries. A proxy may answer an array without an element.
        if (reply.IsEmpty)
            return [];
        var reader = new ReplyReader(reply);
        reader.ReadArray();
        reader.ReadText();
        var deliveries = new List<Delivery>(reader.ReadArray());
        for (var i = 0; i < deliveries.Capacity; i++)
            deliveries.Add(ReadEntry(reply, ref reader));
        reader.ReadNoMore();
        return deliveries;
    }

    /// <summary>
    /// Reads the claims of a script: {{entry ID, delivery count, the name it was claimed from}, …}. The name may be missing.
    /// </summary>
    public static List<Claim> ReadClaims(RedisResult reply, string consumer)
    {
        var claims = new List<Claim>(reply.Length);
        for (var i = 0; i < reply.Length; i++)
            claims.Add(new Claim((string)reply[i][0]!, (int)reply[i][1], reply[i].Length > 2 ? (string)reply[i][2]! : consumer));
        return claims;
    }

    /// <summary>Reads a claimed entry from the reply of XRANGE, which is empty when the entry was deleted.</summary>
    public static Delivery ReadClaimed(string entryId, int deliveryCount, StreamEntry[] found) =>
        Read(entryId, deliveryCount, found is [var one] ? one.Values : null);

    /// <summary>
    /// Reads an entry of read.lua: {entry ID, delivery count, {name, value, …}}. Null when it has the size of a large one
    /// instead.
    /// </summary>
    public static Delivery? ReadNew(RedisResult reply) =>
        reply[2].Resp2Type == ResultType.Integer ? null : Read((string)reply[0]!, (int)reply[1], Fields(reply[2]));

    private static NameValueEntry[]? Fields(RedisResult reply) => reply.IsNull ? null : EntryCodec.ReadFields(reply);

    private static Delivery ReadEntry(ReadOnlySpan<byte> reply, ref ReplyReader reader)
    {
        reader.ReadArray();
        var entryId = Encoding.ASCII.GetString(reader.ReadText());
        var texts = reader.ReadArray();
        if (texts < 0)
            return Deleted(entryId, 1);
        var places = texts <= 2 * UsualFields ? stackalloc ReplyFields.Place[texts / 2] : new ReplyFields.Place[texts / 2];
        var bytes = ReplyFields.ReadPlaces(ref reader, places);
        var fields = new ReplyFields(reply, places);
        return Read(entryId, 1, ref fields, bytes);
    }

    private static Delivery Read(string entryId, int deliveryCount, NameValueEntry[]? fields)
    {
        if (fields is null)
            return Deleted(entryId, deliveryCount);
        var bytes = 0L;
        foreach (var field in fields)
            bytes += field.Name.Length() + field.Value.Length();
        var reader = new EntryReader(fields);
        return Read(entryId, deliveryCount, ref reader, bytes);
    }

    private static Delivery Read<TFields>(string entryId, int deliveryCount, ref TFields fields, long bytes)
        where TFields : struct, IEntryFields, allows ref struct
    {
        var (message, malformed) = EntryCodec.Decode(ref fields, out var body);
        return new Delivery(entryId, deliveryCount, message, malformed)
        {
            Body = body,
            EntryBytes = bytes,
            Notes = NoteRequest.Of(ref fields),
        };
    }

    private static Delivery Deleted(string entryId, int deliveryCount) =>
        new(entryId, deliveryCount, null, "the entry was deleted from the stream");
}
