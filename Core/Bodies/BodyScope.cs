using System.Security.Cryptography;
using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Bodies;

/// <summary>
/// The scope of a partition's bodies in one store outside Redis: a random name that Redis keeps and that precedes each body's name. Several
/// systems may share a folder or a container: none lists, overwrites or deletes what belongs to another. A Redis that has lost everything
/// gets a new scope. The store has a mark for each scope that Redis knows, so a store without it is the wrong one, such as a volume that
/// is not mounted.
/// </summary>
internal sealed class BodyScope(BodyStoreKind store, BodyKeys keys, RedisConnection connection, TimeProvider time)
{
    // The store's clock may be behind.
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    private readonly RedisValue _field = BodyReference.Text(store);

    /// <summary>Reads the scope. When there is none, it prepares the store for a new one and then writes it to Redis.</summary>
    /// <exception cref="BodyStoreException">Redis cannot be asked, or the store cannot be prepared.</exception>
    public async Task<string> ReadAsync(Func<string, Task> prepare, CancellationToken cancellationToken)
    {
        var scope = await AskAsync(database => database.HashGetAsync(keys.Scopes, _field), cancellationToken);
        if (scope.IsNull)
        {
            var fresh = RandomNumberGenerator.GetHexString(BodyName.ScopeLength, lowercase: true);
            await prepare(fresh);
            // No body of this scope is older, so Redis knows the referers of all.
            var since = (time.GetUtcNow() - Skew).ToUnixTimeMilliseconds();
            await AskAsync(database => database.HashSetAsync(keys.Referers, "since", since, When.NotExists), cancellationToken);
            await AskAsync(database => database.HashSetAsync(keys.Scopes, _field, fresh, When.NotExists), cancellationToken);
            scope = await AskAsync(database => database.HashGetAsync(keys.Scopes, _field), cancellationToken);
        }

        var text = (string?)scope ?? "";
        return text.Length == BodyName.ScopeLength && text.All(char.IsAsciiHexDigitLower)
            ? text
            : throw new BodyStoreException(
                BodyFailure.Unavailable, $"Field {_field} of {keys.Scopes} in Redis is not a scope of bodies: delete it.");
    }

    private async Task<T> AskAsync<T>(Func<IDatabase, Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await ask(await connection.DatabaseAsync(cancellationToken));
        }
        catch (Exception e) when (RedisErrors.IsRedis(e))
        {
            throw new BodyStoreException(
                BodyFailure.Unavailable, $"Redis cannot be asked for the scope of bodies: {RedisErrors.Text(e)}.", e);
        }
    }
}
