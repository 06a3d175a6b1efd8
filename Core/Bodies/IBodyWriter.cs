namespace EmailIngestion.Bodies;

/// <summary>
/// Writes one body in pieces, while its digest is not known yet. Its methods are called one after the other, and throw
/// <see cref="BodyStoreException"/> and nothing else, beside a cancellation. Until it is completed the body has no name. Its disposal
/// deletes what was not completed.
/// </summary>
internal interface IBodyWriter : IAsyncDisposable
{
    /// <summary>Writes the next piece.</summary>
    /// <param name="piece">At most some MiB. It must not change before the call ends.</param>
    /// <param name="cancellationToken">Ends the write.</param>
    Task WriteAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken);

    /// <summary>
    /// Gives the body its name. When it returns, the body is durable and was written just now, as after
    /// <see cref="IBodyStore.WriteAsync"/>. In Redis the body is staged: the append of its entry does the last step.
    /// </summary>
    /// <param name="body">The body's reference. The pieces must match it.</param>
    /// <param name="cancellationToken">Ends the write.</param>
    Task CompleteAsync(BodyReference body, CancellationToken cancellationToken);
}
