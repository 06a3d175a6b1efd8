using EmailIngestion.Bodies;

namespace EmailIngestion.Core.Tests.Support;

/// <summary>A store that only begins writes. It counts the writers that are not disposed.</summary>
/// <param name="begin">Runs at the beginning of a write, on the caller's thread.</param>
/// <param name="write">Runs at each piece.</param>
internal sealed class WriterStore(Action begin, Action<byte> write) : UnsupportedStore
{
    private int _begun;
    private int _ended;

    /// <summary>The writers that are not disposed.</summary>
    public int Open => Volatile.Read(ref _begun) - Ended;

    /// <summary>The writers that are disposed.</summary>
    public int Ended => Volatile.Read(ref _ended);

    public override Task<IBodyWriter> BeginAsync(CancellationToken cancellationToken)
    {
        begin();
        Interlocked.Increment(ref _begun);
        return Task.FromResult<IBodyWriter>(new Writer(this));
    }

    private sealed class Writer(WriterStore store) : IBodyWriter
    {
        public Task WriteAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
        {
            store.Written(piece.Span[0]);
            return Task.CompletedTask;
        }

        public Task CompleteAsync(BodyReference body, CancellationToken cancellationToken) => Task.CompletedTask;

        public ValueTask DisposeAsync()
        {
            Interlocked.Increment(ref store._ended);
            return ValueTask.CompletedTask;
        }
    }

    private void Written(byte first) => write(first);
}
