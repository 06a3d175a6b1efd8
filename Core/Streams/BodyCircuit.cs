using EmailIngestion.Bodies;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace EmailIngestion.Streams;

/// <summary>
/// The calls to one store of bodies. A call that the store does not answer in time is abandoned. After failures the circuit opens: calls
/// fail at once.
/// </summary>
internal sealed class BodyCircuit(BodyStoreKind store, TimeProvider time)
{
    /// <summary>How many abandoned calls may run. Each may block a thread. With more, no call starts.</summary>
    internal const int MostAbandoned = 32;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Break = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Sampling = TimeSpan.FromSeconds(30);

    // How long a call may take that says so itself.
    private static readonly ResiliencePropertyKey<TimeSpan> Allowed = new("email-ingestion.body-call");

    private readonly ResiliencePipeline _pipeline = Pipeline(time);
    private readonly HangWatch _hangs = new(time);
    private string _lastFailure = "";
    private int _abandoned;

    /// <summary>How long a call may take that moves so many bytes: a minute, and a second for each mebibyte.</summary>
    public static TimeSpan LongestFor(long bytes) => Longest + TimeSpan.FromSeconds(bytes / (1024 * 1024));

    /// <summary>Runs a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Its cancellation is no failure of the store.</param>
    /// <param name="longest">How long the call may take. Null: a minute.</param>
    /// <exception cref="BodyStoreException">The call failed, did not end in time, or was not started.</exception>
    public async Task<T> RunAsync<T>(
        Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken, TimeSpan? longest = null)
    {
        if (!_hangs.TryEnter(out var isTest, out var wait))
            throw new BodyStoreException(BodyFailure.Unavailable, Volatile.Read(ref _lastFailure)) { RetryAfter = wait };
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(Allowed, longest ?? Longest);
        try
        {
            var result = await _pipeline.ExecuteAsync(async running => await StartAsync(call, running.CancellationToken), context);
            _hangs.Note(hung: false);
            return result;
        }
        catch (BrokenCircuitException e)
        {
            throw new BodyStoreException(BodyFailure.Unavailable, Volatile.Read(ref _lastFailure), e) { RetryAfter = e.RetryAfter };
        }
        catch (TimeoutRejectedException e)
        {
            var failure = Noted(new BodyStoreException(
                BodyFailure.Unavailable, $"The store of bodies ({store}) has not answered within {e.Timeout.TotalSeconds:0} s.", e));
            _hangs.Note(hung: true);
            throw failure;
        }
        catch (BodyStoreException e)
        {
            _hangs.Note(hung: false);
            throw e.Failure == BodyFailure.Unavailable ? Noted(e) : e;
        }
        finally
        {
            _hangs.Leave(isTest);
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>
    /// Ends a write that may have failed: deletes what it has left. It runs also while the circuit is open, and says nothing of the store.
    /// After a minute it is abandoned; while many abandoned calls run, it does not start. What it then leaves the orphan pass deletes.
    /// </summary>
    public async Task EndAsync(Func<Task<bool>> end)
    {
        if (Volatile.Read(ref _abandoned) >= MostAbandoned)
            return;
        var running = Start(end);
        try
        {
            await running.WaitAsync(Longest, time);
        }
        catch (TimeoutException) when (!running.IsCompleted)
        {
            Abandon(running);
        }
        catch (BodyStoreException)
        {
            // The store is away.
        }
    }

    private async Task<T> StartAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken token)
    {
        if (Volatile.Read(ref _abandoned) >= MostAbandoned)
        {
            throw new BodyStoreException(
                BodyFailure.Unavailable, $"The store of bodies ({store}) hangs: {MostAbandoned} calls or more have not ended.");
        }

        var running = Start(() => call(token));
        try
        {
            return await running.WaitAsync(token);
        }
        catch (OperationCanceledException) when (!running.IsCompleted)
        {
            Abandon(running);
            throw;
        }
    }

    // On a thread of its own for a folder: open() on a file system that hangs blocks its thread, whatever the token says, and threads of
    // the pool would be missing for small mail.
    private Task<T> Start<T>(Func<Task<T>> call) => Task.Factory.StartNew(
        call,
        CancellationToken.None,
        store == BodyStoreKind.Folder ? TaskCreationOptions.LongRunning : TaskCreationOptions.None,
        TaskScheduler.Default).Unwrap();

    private void Abandon(Task running)
    {
        Interlocked.Increment(ref _abandoned);
        _ = running.ContinueWith(
            ended =>
            {
                // The caller has an exception already.
                _ = ended.Exception;
                Interlocked.Decrement(ref _abandoned);
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private BodyStoreException Noted(BodyStoreException failure)
    {
        Volatile.Write(ref _lastFailure, failure.Message);
        return failure;
    }

    private static ResiliencePipeline Pipeline(TimeProvider time) => new ResiliencePipelineBuilder { TimeProvider = time }
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions
        {
            ShouldHandle = new PredicateBuilder()
                .Handle<BodyStoreException>(error => error.Failure == BodyFailure.Unavailable)
                .Handle<TimeoutRejectedException>(),
            FailureRatio = 0.5,
            MinimumThroughput = 2,
            SamplingDuration = Sampling,
            BreakDuration = Break,
        })
        .AddTimeout(new TimeoutStrategyOptions
        {
            TimeoutGenerator = static running => new ValueTask<TimeSpan>(running.Context.Properties.GetValue(Allowed, Longest)),
        })
        .Build();
}
