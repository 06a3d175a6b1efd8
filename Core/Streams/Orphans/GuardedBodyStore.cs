using System.Runtime.CompilerServices;
using EmailIngestion.Bodies;
using EmailIngestion.Messages;

namespace EmailIngestion.Streams.Orphans;

/// <summary>
/// A store whose calls end in time, also where its file system hangs. Maintenance has circuits of its own: a right to delete that is
/// missing must not keep emails from being read.
/// </summary>
internal sealed class GuardedBodyStore(IBodyStore inner, BodyCircuit circuit) : IBodyStore
{
    // A call for each body of a long list would be a thread for each.
    private const int AtOnce = 250;

    public BodyStoreKind Kind => inner.Kind;

    public Task<string> ScopeAsync(CancellationToken cancellationToken) => circuit.RunAsync(inner.ScopeAsync, cancellationToken);

    public async ValueTask<BodyReference> NameAsync(EmailId id, long size, string sha256, CancellationToken cancellationToken) =>
        await circuit.RunAsync(async token => await inner.NameAsync(id, size, sha256, token), cancellationToken);

    public Task WriteAsync(BodyReference body, Stream content, CancellationToken cancellationToken) =>
        RunAsync(token => inner.WriteAsync(body, content, token), cancellationToken);

    // Maintenance writes no bodies, so the calls of the writer are not guarded.
    public Task<IBodyWriter> BeginAsync(CancellationToken cancellationToken) => circuit.RunAsync(inner.BeginAsync, cancellationToken);

    public Task<VerifiedBody> OpenAsync(BodyReference body, CancellationToken cancellationToken) =>
        circuit.RunAsync(token => inner.OpenAsync(body, token), cancellationToken);

    public Task<StoredBody?> FindAsync(string name, CancellationToken cancellationToken) =>
        circuit.RunAsync(token => inner.FindAsync(name, token), cancellationToken);

    public Task<bool> DeleteAsync(StoredBody body, CancellationToken cancellationToken) =>
        circuit.RunAsync(token => inner.DeleteAsync(body, token), cancellationToken);

    public async IAsyncEnumerable<StoredBody> ListAsync(
        DateTimeOffset before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var bodies = inner.ListAsync(before, cancellationToken).GetAsyncEnumerator(cancellationToken);
        // After a call that was abandoned the list is still being read.
        var isIdle = true;
        try
        {
            List<StoredBody> some;
            do
            {
                isIdle = false;
                some = await circuit.RunAsync(token => TakeAsync(bodies, token), cancellationToken);
                isIdle = true;
                foreach (var body in some)
                    yield return body;
            }
            while (some.Count == AtOnce);
        }
        finally
        {
            if (isIdle)
                await bodies.DisposeAsync();
        }
    }

    public Task CheckAsync(CancellationToken cancellationToken) => RunAsync(inner.CheckAsync, cancellationToken);

    // When it fails, or was abandoned, the list ends here: nobody else may touch it.
    private static async Task<List<StoredBody>> TakeAsync(IAsyncEnumerator<StoredBody> bodies, CancellationToken cancellationToken)
    {
        var some = new List<StoredBody>();
        try
        {
            while (some.Count < AtOnce && await bodies.MoveNextAsync())
            {
                some.Add(bodies.Current);
                cancellationToken.ThrowIfCancellationRequested();
            }

            return some;
        }
        catch
        {
            await bodies.DisposeAsync();
            throw;
        }
    }

    private Task<bool> RunAsync(Func<CancellationToken, Task> call, CancellationToken cancellationToken) => circuit.RunAsync(
        async token =>
        {
            await call(token);
            return true;
        },
        cancellationToken);
}
