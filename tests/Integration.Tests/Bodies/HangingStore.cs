using EmailIngestion.Bodies;
using EmailIngestion.Messages;

namespace EmailIngestion.Integration.Tests.Bodies;

/// <summary>A store whose writes in pieces do not end.</summary>
internal sealed class HangingStore : IBodyStore, IBodyWriter
{
    private readonly TaskCompletionSource _isWritten = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public BodyStoreKind Kind => BodyStoreKind.Folder;

    /// <summary>Completes when the first piece is written.</summary>
    public Task Written => _isWritten.Task;

    public Task<IBodyWriter> BeginAsync(CancellationToken cancellationToken) => Task.FromResult<IBodyWriter>(this);

    public async Task WriteAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        _isWritten.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public Task CompleteAsync(BodyReference body, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<string> ScopeAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<BodyReference> NameAsync(EmailId id, long size, string sha256, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task WriteAsync(BodyReference body, Stream content, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<VerifiedBody> OpenAsync(BodyReference body, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<StoredBody?> FindAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<bool> DeleteAsync(StoredBody body, CancellationToken cancellationToken) => throw new NotSupportedException();

    public IAsyncEnumerable<StoredBody> ListAsync(DateTimeOffset before, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task CheckAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
}
