using System.Globalization;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Reads deliveries from Redis's replies (RESP2).</summary>
internal static class DeliveryReply
{
    /// <summary>XREADGROUP of one stream: nil, or {key, {{id, {name, value, …}}, …}}. An entry deleted meanwhile has nil for its fields.</summary>
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

    /// <summary>XREADGROUP as the client library reads it.</summary>
    public static List<Delivery> Read(StreamEntry[] entries)
    {
        var deliveries = new List<Delivery>(entries.Length);
        foreach (var entry in entries)
            deliveries.Add(Read(entry.Id.ToString(), 1, entry.IsNull ? null : entry.Values));
        return deliveries;
    }

    /// <summary>What our scripts take over: {{entry, number, {name, value, …}}, …}.</summary>
    public static List<Delivery> ReadTaken(RedisResult reply)
    {
        var deliveries = new List<Delivery>(reply.Length);
        for (var i = 0; i < reply.Length; i++)
            deliveries.Add(Read((string)reply[i][0]!, int.Parse((string)reply[i][1]!, CultureInfo.InvariantCulture), Fields(reply[i][2])));
        return deliveries;
    }

    private static NameValueEntry[]? Fields(RedisResult reply) => reply.IsNull ? null : EntryCodec.ReadFields(reply);

    private static Delivery Read(string entry, int number, NameValueEntry[]? fields)
    {
        if (fields is null)
            return new Delivery(entry, number, null, "the entry was deleted from the stream");
        var (message, malformed) = EntryCodec.Decode(fields);
        var bytes = 0L;
        foreach (var field in fields)
            bytes += field.Name.Length() + field.Value.Length();
        return new Delivery(entry, number, message, malformed) { Bytes = bytes };
    }
}
