using EmailIngestion.Bodies;
using EmailIngestion.Messages;

namespace EmailIngestion.Core.Tests.Support;

/// <summary>A store of bodies that has none, or one. Something happens at each open, on the caller's thread.</summary>
internal sealed class StubStore(Action open, Func<Stream>? content = null) : IBodyStore
{
    private int _calls;

    public BodyStoreKind Kind => BodyStoreKind.Folder;

    /// <summary>How many calls have started.</summary>
    public int Calls => Volatile.Read(ref _calls);

    public Task<VerifiedBody> OpenAsync(BodyReference body, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        open();
        return content is null
            ? throw new BodyStoreException(BodyFailure.Missing, "It is not there.")
            : Task.FromResult(new VerifiedBody(
                content(), body, e => e is IOException ? new BodyStoreException(BodyFailure.Unavailable, e.Message, e) : null));
    }

    public Task<string> ScopeAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<BodyReference> NameAsync(EmailId id, long size, string sha256, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task WriteAsync(BodyReference body, Stream content, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IBodyWriter> BeginAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<StoredBody?> FindAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<bool> DeleteAsync(StoredBody body, CancellationToken cancellationToken) => throw new NotSupportedException();

    public IAsyncEnumerable<StoredBody> ListAsync(DateTimeOffset before, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task CheckAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
}
