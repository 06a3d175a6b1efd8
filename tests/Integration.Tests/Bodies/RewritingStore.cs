using EmailIngestion.Bodies;
using EmailIngestion.Messages;

namespace EmailIngestion.Integration.Tests.Bodies;

/// <summary>A store in which something happens just before each delete.</summary>
internal sealed class RewritingStore(IBodyStore inner, Func<StoredBody, Task> before) : IBodyStore
{
    public BodyStoreKind Kind => inner.Kind;

    public Task<string> ScopeAsync(CancellationToken cancellationToken) => inner.ScopeAsync(cancellationToken);

    public ValueTask<BodyReference> NameAsync(EmailId id, long size, string sha256, CancellationToken cancellationToken) =>
        inner.NameAsync(id, size, sha256, cancellationToken);

    public Task WriteAsync(BodyReference body, Stream content, CancellationToken cancellationToken) =>
        inner.WriteAsync(body, content, cancellationToken);

    public Task<IBodyWriter> BeginAsync(CancellationToken cancellationToken) => inner.BeginAsync(cancellationToken);

    public Task<VerifiedBody> OpenAsync(BodyReference body, CancellationToken cancellationToken) =>
        inner.OpenAsync(body, cancellationToken);

    public Task<StoredBody?> FindAsync(string name, CancellationToken cancellationToken) => inner.FindAsync(name, cancellationToken);

    public async Task<bool> DeleteAsync(StoredBody body, CancellationToken cancellationToken)
    {
        await before(body);
        return await inner.DeleteAsync(body, cancellationToken);
    }

    public IAsyncEnumerable<StoredBody> ListAsync(DateTimeOffset before, CancellationToken cancellationToken) =>
        inner.ListAsync(before, cancellationToken);

    public Task CheckAsync(CancellationToken cancellationToken) => inner.CheckAsync(cancellationToken);
}
