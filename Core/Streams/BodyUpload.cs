using EmailIngestion.Bodies;
using EmailIngestion.Messages;

namespace EmailIngestion.Streams;

/// <summary>
/// The write of one body in pieces. Each call to the store has its own time, since the time between them belongs to the mail server. Its
/// methods are called one after the other.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="circuit">The circuit of the store; null when it has none.</param>
internal sealed class BodyUpload(IBodyStore store, BodyCircuit? circuit) : IAsyncDisposable
{
    private IBodyWriter? _writer;

    /// <summary>Writes the next piece.</summary>
    /// <exception cref="BodyStoreException">
    /// The store failed, or did not answer in time. It may still read the piece, so the piece's memory must not be used again.
    /// </exception>
    public Task WriteAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken) => RunAsync(
        async token =>
        {
            _writer ??= await store.BeginAsync(token);
            await _writer.WriteAsync(piece, token);
            return true;
        },
        cancellationToken);

    /// <summary>Gives the body its name, when all pieces are written.</summary>
    /// <exception cref="BodyStoreException">The store failed, or did not answer in time.</exception>
    public Task<BodyReference> CompleteAsync(EmailId id, long size, string sha256, CancellationToken cancellationToken) => RunAsync(
        async token =>
        {
            var body = await store.NameAsync(id, size, sha256, token);
            await _writer!.CompleteAsync(body, token);
            return body;
        },
        cancellationToken);

    /// <summary>Deletes what was not completed; in Redis also what was completed and not appended.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_writer is not { } writer)
            return;
        try
        {
            await RunAsync(
                async _ =>
                {
                    await writer.DisposeAsync();
                    return true;
                },
                CancellationToken.None);
        }
        catch (BodyStoreException)
        {
            // The store is away. The orphan pass deletes it later.
        }
    }

    private Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        circuit is null ? call(cancellationToken) : circuit.RunAsync(call, cancellationToken);
}
