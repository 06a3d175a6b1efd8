using EmailIngestion.Bodies;

namespace EmailIngestion.Core.Tests.Support;

/// <summary>A store of bodies that has none, or one. Something happens at each open, on the caller's thread.</summary>
internal sealed class StubStore(Action open, Func<Stream>? content = null) : UnsupportedStore
{
    private int _calls;

    /// <summary>How many calls have started.</summary>
    public int Calls => Volatile.Read(ref _calls);

    public override Task<VerifiedBody> OpenAsync(BodyReference body, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        open();
        return content is null
            ? throw new BodyStoreException(BodyFailure.Missing, "It is not there.")
            : Task.FromResult(new VerifiedBody(
                content(), body, e => e is IOException ? new BodyStoreException(BodyFailure.Unavailable, e.Message, e) : null));
    }
}
