using StackExchange.Redis;

namespace EmailIngestion.Bodies;

/// <summary>
/// Writes a body to a key of Redis that expires. The append of the entry renames the key, in the same step. No command has more than 512
/// KiB: Redis closes the connection at limits that can be as low as 1 MiB.
/// </summary>
/// <param name="keys">The partition's keys.</param>
/// <param name="ask">Runs a command, and turns its failure into <see cref="BodyStoreException"/>.</param>
internal sealed class RedisBodyWriter(BodyKeys keys, Func<Func<IDatabase, Task<long>>, CancellationToken, Task<long>> ask) : IBodyWriter
{
    private const int PartBytes = 512 * 1024;

    // Each part begins it again. What a crash leaves is gone after it, so that a process that crashes again and again does not fill Redis.
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    private RedisKey _key = keys.Incoming(Guid.NewGuid().ToString("N"));
    private long _written;

    public async Task WriteAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        for (; piece.Length > 0; piece = piece[Math.Min(PartBytes, piece.Length)..])
        {
            var part = piece[..Math.Min(PartBytes, piece.Length)];
            var length = await ask(database => _written == 0 ? BeginAsync(database, part) : AppendAsync(database, part), cancellationToken);
            _written += part.Length;
            CheckLength(length);
        }
    }

    public async Task CompleteAsync(BodyReference body, CancellationToken cancellationToken)
    {
        var staged = keys.Staged(body.Name);
        CheckLength(await ask(database => database.StringLengthAsync(_key), cancellationToken));
        // The append compares the length once more.
        await ask(async database => await database.KeyRenameAsync(_key, staged) ? 1 : 0, cancellationToken);
        _key = staged;
    }

    /// <summary>Deletes the key, unless the append has renamed it. Without Redis it expires.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_written == 0)
            return;
        try
        {
            await ask(async database => await database.KeyDeleteAsync(_key) ? 1 : 0, CancellationToken.None);
        }
        catch (BodyStoreException)
        {
            // It expires.
        }
    }

    // A failover may have lost the end of it.
    private void CheckLength(long length)
    {
        if (length != _written)
            throw new BodyStoreException(BodyFailure.Unavailable, "Redis has lost a part of a body while it was written.");
    }

    private async Task<long> BeginAsync(IDatabase database, ReadOnlyMemory<byte> part) =>
        await database.StringSetAsync(_key, part, Life, When.NotExists) ? part.Length : 0;

    // Both commands are sent together: a key that Redis has lost meanwhile comes back with the second part alone, and must expire too.
    private async Task<long> AppendAsync(IDatabase database, ReadOnlyMemory<byte> part)
    {
        var length = database.StringAppendAsync(_key, part);
        var life = database.KeyExpireAsync(_key, Life);
        await Task.WhenAll(length, life);
        return await length;
    }
}
