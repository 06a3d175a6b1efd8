using EmailIngestion.Messages;

namespace EmailIngestion.Bodies;

/// <summary>
/// The bodies of one partition's large emails. Each method throws <see cref="BodyStoreException"/> and nothing else, beside a cancellation.
/// </summary>
internal interface IBodyStore
{
    BodyStoreKind Kind { get; }

    /// <summary>The scope of the partition's bodies in this store; empty in Redis.</summary>
    Task<string> ScopeAsync(CancellationToken cancellationToken);

    /// <summary>Makes the reference for a body. Its name is the same for each write of the same email.</summary>
    /// <param name="id">The email's identity.</param>
    /// <param name="size">The body's length in bytes.</param>
    /// <param name="sha256">The body's SHA-256, in lower-case hexadecimal digits.</param>
    /// <param name="cancellationToken">Ends the wait for Redis.</param>
    ValueTask<BodyReference> NameAsync(EmailId id, long size, string sha256, CancellationToken cancellationToken);

    /// <summary>
    /// Writes a body. When it returns, the body is durable and was written just now, also if it was there before: the orphan pass does not
    /// delete it for <c>Bodies:OrphanAge</c>. An entry that refers to it must be appended within that time.
    /// </summary>
    /// <param name="body">The body's reference. The content must match it.</param>
    /// <param name="content">The body, read to its end.</param>
    /// <param name="cancellationToken">Ends the write. What it leaves has no name.</param>
    Task WriteAsync(BodyReference body, Stream content, CancellationToken cancellationToken);

    /// <summary>Begins the write of a body in pieces. It writes nothing in the name of a body until it is completed.</summary>
    Task<IBodyWriter> BeginAsync(CancellationToken cancellationToken);

    /// <summary>Opens a body. The stream fails when the body does not match the reference, at its end at the latest.</summary>
    Task<VerifiedBody> OpenAsync(BodyReference body, CancellationToken cancellationToken);

    /// <summary>Reads what a store knows of a body; null when it is not there.</summary>
    Task<StoredBody?> FindAsync(string name, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes a body, unless it was written again since it was found: a delete never removes what an entry of that write refers to.
    /// </summary>
    /// <returns>False when it was not there, or was written again.</returns>
    Task<bool> DeleteAsync(StoredBody body, CancellationToken cancellationToken);

    /// <summary>
    /// Lists the bodies of this partition, in no order. New ones are listed too, so that the next item never takes long, however many there
    /// are.
    /// </summary>
    /// <param name="before">What a crash has left of writes before this time may be deleted meanwhile.</param>
    /// <param name="cancellationToken">Ends the list.</param>
    IAsyncEnumerable<StoredBody> ListAsync(DateTimeOffset before, CancellationToken cancellationToken);

    /// <summary>Checks that the store can be written and read.</summary>
    Task CheckAsync(CancellationToken cancellationToken);
}
