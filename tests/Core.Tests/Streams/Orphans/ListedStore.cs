using System.Runtime.CompilerServices;
using EmailIngestion.Bodies;
using EmailIngestion.Core.Tests.Support;

namespace EmailIngestion.Core.Tests.Streams.Orphans;

/// <summary>A store that only lists. Something happens before each body, on the caller's thread.</summary>
internal sealed class ListedStore(int count, Action<int> each) : UnsupportedStore
{
    private int _listed;

    /// <summary>How many bodies were listed.</summary>
    public int Listed => Volatile.Read(ref _listed);

    /// <summary>Completed when the list is disposed.</summary>
    public TaskCompletionSource Disposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override async IAsyncEnumerable<StoredBody> ListAsync(
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
}
