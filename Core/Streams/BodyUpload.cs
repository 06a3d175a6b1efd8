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
    private readonly Lock _gate = new();
    private IBodyWriter? _writer;
    private bool _ended;

    /// <summary>Writes the next piece.</summary>
    /// <exception cref="BodyStoreException">
    /// The store failed, or did not answer in time. It may still read the piece, so the piece's memory must not be used again.
    /// </exception>
    public Task WriteAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken) => RunAsync(
        async token =>
        {
            var writer = _writer ?? await BeginAsync(token);
            await writer.WriteAsync(piece, token);
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

    /// <summary>
    /// Deletes what was not completed, also while the circuit is open; in Redis also what was completed and not appended.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        IBodyWriter? writer;
        lock (_gate)
            (writer, _ended) = (_writer, true);
        if (writer is null)
            return;
        if (circuit is null)
            await writer.DisposeAsync();
        else
            await circuit.EndAsync(() => EndAsync(writer));
    }

    private static async Task<bool> EndAsync(IBodyWriter writer)
    {
        await writer.DisposeAsync();
        return true;
    }

    // The call may have been abandoned, and end after the upload.
    private async Task<IBodyWriter> BeginAsync(CancellationToken token)
    {
        var writer = await store.BeginAsync(token);
        lock (_gate)
        {
            if (!_ended)
                return _writer = writer;
        }

        await writer.DisposeAsync();
        throw new OperationCanceledException("The upload has ended.");
    }

    private Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        circuit is null ? call(cancellationToken) : circuit.RunAsync(call, cancellationToken);
}
