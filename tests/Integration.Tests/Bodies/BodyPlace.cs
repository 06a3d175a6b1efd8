using System.Security.Cryptography;
using EmailIngestion.Bodies;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Messages;

namespace EmailIngestion.Integration.Tests.Bodies;

/// <summary>A store of bodies with what a test does to it from outside.</summary>
internal abstract class BodyPlace(TestServers servers) : IAsyncDisposable
{
    public TestPartition Partition { get; } = new(servers);

    public abstract IBodyStore Store { get; }

    /// <summary>The settings of this place.</summary>
    public abstract BodiesOptions Options { get; }

    /// <summary>A store of the same partition that cannot be reached.</summary>
    public abstract IBodyStore Away { get; }

    /// <summary>Replaces the content of a body behind the store's back.</summary>
    public abstract Task TamperAsync(string name, byte[] content);

    /// <summary>Empties the store behind its back.</summary>
    public abstract Task LoseAsync();

    /// <summary>Writes a body as pollers do, and returns its reference.</summary>
    public virtual async Task<BodyReference> WriteAsync(byte[] content, EmailId? id = null)
    {
        var body = await Store.NameAsync(
            id ?? new EmailId((UInt128)Random.Shared.NextInt64()), content.Length, BodyName.Digest(content), CancellationToken.None);
        await Store.WriteAsync(body, new MemoryStream(content), CancellationToken.None);
        return body;
    }

    public async Task<byte[]> ReadAsync(BodyReference body)
    {
        await using var stream = await Store.OpenAsync(body, CancellationToken.None);
        return await VerifiedBody.ReadAllAsync(stream, body, CancellationToken.None);
    }

    /// <summary>The bodies of this place.</summary>
    public async Task<IReadOnlyList<StoredBody>> ListAsync(DateTimeOffset? before = null)
    {
        var bodies = new List<StoredBody>();
        await foreach (var body in Store.ListAsync(before ?? DateTimeOffset.MaxValue, CancellationToken.None))
            bodies.Add(body);
        return bodies;
    }

    /// <summary>A content of this length that no other test has.</summary>
    public static byte[] Content(int length) => RandomNumberGenerator.GetBytes(length);

    public virtual async ValueTask DisposeAsync() => await Partition.DisposeAsync();

    protected BodyStores Stores(BodiesOptions options) => new(options, Partition.Keys.Bodies, Partition.Connection, TimeProvider.System);
}
