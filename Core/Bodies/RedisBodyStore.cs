using System.Runtime.CompilerServices;
using EmailIngestion.Messages;
using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Bodies;

/// <summary>
/// Bodies in keys of Redis, beside the stream. The append writes them in its own step, and the scripts that settle and purge delete them,
/// so there is none that nothing refers to.
/// </summary>
internal sealed class RedisBodyStore(BodyKeys keys, RedisConnection connection) : IBodyStore
{
    private const int PageSize = 250;

    public BodyStoreKind Kind => BodyStoreKind.Redis;

    public Task<string> ScopeAsync(CancellationToken cancellationToken) => Task.FromResult("");

    public ValueTask<BodyReference> NameAsync(EmailId id, long size, string sha256, CancellationToken cancellationToken) =>
        new(new BodyReference(Kind, BodyName.Of("", id, sha256), size, sha256));

    /// <summary>Does nothing: the append writes the body, with the entry that refers to it.</summary>
    public Task WriteAsync(BodyReference body, Stream content, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IBodyWriter> BeginAsync(CancellationToken cancellationToken) => Task.FromResult<IBodyWriter>(
        new RedisBodyWriter(keys, (command, token) => AskAsync(command, "written", token)));

    public async Task<VerifiedBody> OpenAsync(BodyReference body, CancellationToken cancellationToken)
    {
        var length = await AskAsync(database => database.StringLengthAsync(keys.Body(body.Name)), "read", cancellationToken);
        if (length == 0)
            throw new BodyStoreException(BodyFailure.Missing, $"Body {body.Name} is not in Redis: its key is {keys.Body(body.Name)}.");
        return VerifiedBody.Open(new RedisBodyStream(keys.Body(body.Name), length, connection), length, body, FailureOfRead);
    }

    public async Task<StoredBody?> FindAsync(string name, CancellationToken cancellationToken) =>
        await AskAsync(database => database.StringLengthAsync(keys.Body(name)), "read", cancellationToken) is var size and > 0
            ? new StoredBody(name, size, DateTimeOffset.MinValue, "")
            : null;

    public Task<bool> DeleteAsync(StoredBody body, CancellationToken cancellationToken) =>
        AskAsync(database => database.KeyDeleteAsync(keys.Body(body.Name)), "deleted", cancellationToken);

    /// <summary>
    /// Lists the bodies that something referred to, as the hash of referers has them: there are no others, since a body and its referer are
    /// written in one step. So they need no time either.
    /// </summary>
    public async IAsyncEnumerable<StoredBody> ListAsync(
        DateTimeOffset before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var scan = await AskAsync(
            database => Task.FromResult(database.HashScanAsync(keys.Referers, pageSize: PageSize)), "listed", cancellationToken);
        await using var fields = scan.GetAsyncEnumerator(cancellationToken);
        while (await AskAsync(async _ => await fields.MoveNextAsync(), "listed", cancellationToken))
        {
            var name = fields.Current.Name.ToString();
            if (BodyName.IsValid(name) && BodyName.Scope(name).Length == 0)
                yield return new StoredBody(name, 0, DateTimeOffset.MinValue, "");
        }
    }

    /// <summary>Does nothing: other checks watch Redis.</summary>
    public Task CheckAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<T> AskAsync<T>(Func<IDatabase, Task<T>> ask, string what, CancellationToken cancellationToken)
    {
        try
        {
            return await ask(await connection.DatabaseAsync(cancellationToken));
        }
        catch (Exception e) when (RedisErrors.IsRedis(e))
        {
            throw Failure(e, what);
        }
    }

    private static BodyStoreException? FailureOfRead(Exception error) => RedisErrors.IsRedis(error) ? Failure(error, "read") : null;

    private static BodyStoreException Failure(Exception error, string what) =>
        new(BodyFailure.Unavailable, $"A body in Redis cannot be {what}: {RedisErrors.Text(error)}.", error);
}
