using EmailIngestion.Bodies;
using EmailIngestion.Messages;

namespace EmailIngestion.Core.Tests.Support;

/// <summary>A store of bodies that can do nothing. A test's store overrides what the test needs.</summary>
internal abstract class UnsupportedStore : IBodyStore
{
    public BodyStoreKind Kind => BodyStoreKind.Folder;

    public virtual Task<IBodyWriter> BeginAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public virtual Task<VerifiedBody> OpenAsync(BodyReference body, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public virtual IAsyncEnumerable<StoredBody> ListAsync(DateTimeOffset before, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<string> ScopeAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<BodyReference> NameAsync(EmailId id, long size, string sha256, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task WriteAsync(BodyReference body, Stream content, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<StoredBody?> FindAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<bool> DeleteAsync(StoredBody body, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task CheckAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
}
