using EmailIngestion.Messages;

namespace EmailIngestion.Bodies;

/// <summary>A store whose reads, writes and failures are measured.</summary>
internal sealed class MeteredBodyStore(IBodyStore inner, BodyMetrics metrics, TimeProvider time) : IBodyStore
{
    public BodyStoreKind Kind => inner.Kind;

    public Task<string> ScopeAsync(CancellationToken cancellationToken) => inner.ScopeAsync(cancellationToken);

    public ValueTask<BodyReference> NameAsync(EmailId id, long size, string sha256, CancellationToken cancellationToken) =>
        inner.NameAsync(id, size, sha256, cancellationToken);

    public async Task WriteAsync(BodyReference body, Stream content, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        try
        {
            await inner.WriteAsync(body, content, cancellationToken);
            metrics.Written(Kind, time.GetElapsedTime(started));
        }
        catch (BodyStoreException e)
        {
            metrics.WriteFailed(Kind, e.Failure);
            throw;
        }
    }

    public async Task<IBodyWriter> BeginAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        try
        {
            var writer = await inner.BeginAsync(cancellationToken);
            return new MeteredBodyWriter(writer, Kind, time.GetElapsedTime(started), metrics, time);
        }
        catch (BodyStoreException e)
        {
            metrics.WriteFailed(Kind, e.Failure);
            throw;
        }
    }

    public async Task<VerifiedBody> OpenAsync(BodyReference body, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        try
        {
            var stream = await inner.OpenAsync(body, cancellationToken);
            stream.Ended = failure =>
            {
                if (failure is { } kind)
                    metrics.ReadFailed(Kind, kind);
                else
                    metrics.Read(Kind, time.GetElapsedTime(started));
            };
            return stream;
        }
        catch (BodyStoreException e)
        {
            metrics.ReadFailed(Kind, e.Failure);
            throw;
        }
    }

    public Task<StoredBody?> FindAsync(string name, CancellationToken cancellationToken) => inner.FindAsync(name, cancellationToken);

    public Task<bool> DeleteAsync(StoredBody body, CancellationToken cancellationToken) => inner.DeleteAsync(body, cancellationToken);

    public IAsyncEnumerable<StoredBody> ListAsync(DateTimeOffset before, CancellationToken cancellationToken) =>
        inner.ListAsync(before, cancellationToken);

    public Task CheckAsync(CancellationToken cancellationToken) => inner.CheckAsync(cancellationToken);
}
