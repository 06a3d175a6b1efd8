using System.Runtime.CompilerServices;
using EmailIngestion.Bodies;
using EmailIngestion.Messages;

namespace EmailIngestion.Core.Tests.Streams.Orphans;

/// <summary>A store that only lists. Something happens before each body, on the caller's thread.</summary>
internal sealed class ListedStore(int count, Action<int> each) : IBodyStore
{
    private int _listed;

    /// <summary>How many bodies were listed.</summary>
    public int Listed => Volatile.Read(ref _listed);

    /// <summary>Completed when the list is disposed.</summary>
    public TaskCompletionSource Disposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public BodyStoreKind Kind => BodyStoreKind.Folder;

    public async IAsyncEnumerable<StoredBody> ListAsync(
        DateTimeOffset before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        try
        {
            for (var index = 0; index < count; index++)
            {
                each(index);
                Interlocked.Increment(ref _listed);
                yield return new StoredBody($"{index}", 1, DateTimeOffset.MinValue, "1");
            }
        }
        finally
        {
            Disposed.TrySetResult();
        }
    }

    public Task<string> ScopeAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<BodyReference> NameAsync(EmailId id, long size, string sha256, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task WriteAsync(BodyReference body, Stream content, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IBodyWriter> BeginAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<VerifiedBody> OpenAsync(BodyReference body, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<StoredBody?> FindAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<bool> DeleteAsync(StoredBody body, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task CheckAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
}
