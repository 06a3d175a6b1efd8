using EmailIngestion.Bodies;
using EmailIngestion.Messages;

namespace EmailIngestion.Integration.Tests.Bodies;

/// <summary>A container that cannot be reached. Redis knows the scope of its bodies.</summary>
internal sealed class AwayStore(string scope) : IBodyStore
{
    public const string Failure = "The container cannot be reached.";

    public BodyStoreKind Kind => BodyStoreKind.AzureBlob;

    public string Scope => scope;

    /// <summary>How many calls have failed.</summary>
    public int Calls { get; private set; }

    public Task<string> ScopeAsync(CancellationToken cancellationToken) => Task.FromResult(scope);

    public ValueTask<BodyReference> NameAsync(EmailId id, long size, string sha256, CancellationToken cancellationToken) => throw Away();

    public Task WriteAsync(BodyReference body, Stream content, CancellationToken cancellationToken) => throw Away();

    public Task<IBodyWriter> BeginAsync(CancellationToken cancellationToken) => throw Away();

    public Task<VerifiedBody> OpenAsync(BodyReference body, CancellationToken cancellationToken) => throw Away();

    public Task<StoredBody?> FindAsync(string name, CancellationToken cancellationToken) => throw Away();

    public Task<bool> DeleteAsync(StoredBody body, CancellationToken cancellationToken) => throw Away();

    public IAsyncEnumerable<StoredBody> ListAsync(DateTimeOffset before, CancellationToken cancellationToken) => throw Away();

    public Task CheckAsync(CancellationToken cancellationToken) => throw Away();

    private BodyStoreException Away()
    {
        Calls++;
        return new BodyStoreException(BodyFailure.Unavailable, Failure);
    }
}
