using EmailIngestion.Messages;
using EmailIngestion.Messages.Bytes;
using EmailIngestion.Redis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EmailIngestion.Bodies;

/// <summary>The stores of one partition's bodies: the one that new bodies are written to, and each other one that is configured.</summary>
internal sealed class BodyStores
{
    private readonly Dictionary<BodyStoreKind, IBodyStore> _stores;
    private readonly BodyStoreKind _store;

    public BodyStores(
        BodiesOptions options,
        BodyKeys keys,
        RedisConnection connection,
        TimeProvider time,
        BodyMetrics? metrics = null,
        ILogger? logger = null)
        : this(
            options,
            Configured(options, keys, connection, time, logger ?? NullLogger.Instance)
                .Select(store => metrics is null ? store : new MeteredBodyStore(store, metrics, time)))
    {
    }

    public BodyStores(BodiesOptions options, IEnumerable<IBodyStore> stores)
    {
        _store = options.Store;
        InlineLimit = options.InlineLimit;
        _stores = stores.ToDictionary(store => store.Kind);
    }

    /// <summary>The largest message, in bytes, that is in its entry.</summary>
    public int InlineLimit { get; }

    /// <summary>The store that new bodies are written to.</summary>
    public IBodyStore Current => _stores[_store];

    /// <summary>All stores that are configured.</summary>
    public IReadOnlyCollection<IBodyStore> All => _stores.Values;

    /// <summary>The store that a reference names.</summary>
    /// <exception cref="BodyStoreException">The settings do not name that store.</exception>
    public IBodyStore Of(BodyReference body) => _stores.TryGetValue(body.Store, out var store)
        ? store
        : throw new BodyStoreException(
            BodyFailure.Unavailable,
            $"Body {body.Name} is in the store {body.Store}: "
                + $"set {(body.Store == BodyStoreKind.Folder ? "Bodies:Folder" : "Bodies:Container")}.");

    /// <summary>Writes a body from memory, and returns the reference to it. The Redis store leaves the writing to the append.</summary>
    /// <param name="id">The email's identity.</param>
    /// <param name="content">The body.</param>
    /// <param name="sha256">The body's SHA-256; null when it is not known.</param>
    /// <param name="cancellationToken">Ends the write.</param>
    public async Task<BodyReference> WriteAsync(
        EmailId id, ReadOnlyMemory<byte> content, byte[]? sha256, CancellationToken cancellationToken)
    {
        var digest = sha256 is null ? BodyName.Digest(content.Span) : Convert.ToHexStringLower(sha256);
        var body = await Current.NameAsync(id, content.Length, digest, cancellationToken);
        await Current.WriteAsync(body, MemorySource.Open(content), cancellationToken);
        return body;
    }

    /// <summary>Opens a body in the store that has it. The stream verifies it.</summary>
    public async Task<Stream> OpenAsync(BodyReference body, CancellationToken cancellationToken) =>
        await Of(body).OpenAsync(body, cancellationToken);

    private static IEnumerable<IBodyStore> Configured(
        BodiesOptions options, BodyKeys keys, RedisConnection connection, TimeProvider time, ILogger logger)
    {
        yield return new RedisBodyStore(keys, connection);
        if (options.Folder.Length > 0)
            yield return FolderBodyStore.Open(options, new BodyScope(BodyStoreKind.Folder, keys, connection, time), time, logger);
        if (options.Container.Length > 0)
            yield return BlobBodyStore.Open(options, new BodyScope(BodyStoreKind.AzureBlob, keys, connection, time), time);
    }
}
