using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Reads deliveries from Redis's replies (RESP2).</summary>
internal static class DeliveryReply
{
    /// <summary>
    /// Reads XREADGROUP of one stream: nil, or {key, {{id, {name, value, …}}, …}}. An entry that was deleted meanwhile has nil for its
    /// fields.
    /// </summary>
    public static List<Delivery> Read(RedisResult reply)
    {
        if (reply.IsNull)
            return [];
        var entries = reply[0][1];
        var deliveries = new List<Delivery>(entries.Length);
        for (var i = 0; i < entries.Length; i++)
            deliveries.Add(Read((string)entries[i][0]!, 1, Fields(entries[i][1])));
        return deliveries;
    }

    /// <summary>Reads XREADGROUP in the form that the client library returns.</summary>
    public static List<Delivery> Read(StreamEntry[] entries)
    {
        var deliveries = new List<Delivery>(entries.Length);
        foreach (var entry in entries)
            deliveries.Add(Read(entry.Id.ToString(), 1, entry.IsNull ? null : entry.Values));
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

    private static Delivery Read(string entryId, int deliveryCount, NameValueEntry[]? fields)
    {
        if (fields is null)
            return new Delivery(entryId, deliveryCount, null, "the entry was deleted from the stream");
        var (message, malformed) = EntryCodec.Decode(fields, out var body);
        var bytes = 0L;
        foreach (var field in fields)
            bytes += field.Name.Length() + field.Value.Length();
        return new Delivery(entryId, deliveryCount, message, malformed)
        {
            Body = body,
            EntryBytes = bytes,
            Notes = NoteRequest.Of(fields),
        };
    }
}
