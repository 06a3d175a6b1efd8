using EmailIngestion.Bodies;
using EmailIngestion.Redis;

namespace EmailIngestion.Streams.Dlq;

/// <summary>Opens the messages of dead letters as streams, so that no message is in memory as a whole.</summary>
internal sealed class DeadLetterContent(StreamKeys keys, RedisConnection connection, BodyStores bodies)
{
    /// <summary>Opens the message; of an oversize one, its headers. Null when there is none.</summary>
    /// <exception cref="BodyStoreException">The store is away, or does not have the body. A read can throw it too.</exception>
    public async Task<Stream?> OpenAsync(string id, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var key = keys.DeadLetterBody(id);
        if (await database.StringLengthAsync(key) is var length and > 0)
            return new RedisBodyStream(key, length, connection);
        // A dead letter of an older version has its message among its fields.
        if (await database.StreamRangeAsync(keys.DeadLetters, id, id, 1) is not [var entry])
            return null;
        if (EntryCodec.ReferenceOf(entry.Values) is { } reference)
            return await bodies.OpenAsync(reference, cancellationToken);
        return entry[EntryFields.Raw] is { IsNull: false } raw ? new MemoryStream((byte[])raw!, writable: false) : null;
    }
}
