namespace EmailIngestion.Bodies;

/// <summary>A writer whose time and failures are measured. The time between its calls belongs to the source, and does not count.</summary>
internal sealed class MeteredBodyWriter(
    IBodyWriter inner, BodyStoreKind kind, TimeSpan begin, BodyMetrics metrics, TimeProvider time) : IBodyWriter
{
    private TimeSpan _spent = begin;

    public Task WriteAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken) =>
        MeasureAsync(() => inner.WriteAsync(piece, cancellationToken));

    public async Task CompleteAsync(BodyReference body, CancellationToken cancellationToken)
    {
        await MeasureAsync(() => inner.CompleteAsync(body, cancellationToken));
        metrics.Written(kind, _spent);
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private async Task MeasureAsync(Func<Task> call)
    {
        var started = time.GetTimestamp();
        try
        {
            await call();
        }
        catch (BodyStoreException e)
        {
            metrics.WriteFailed(kind, e.Failure);
            throw;
        }

        _spent += time.GetElapsedTime(started);
    }
}
