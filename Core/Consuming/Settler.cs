using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Polly;
using Polly.Registry;

namespace EmailIngestion.Consuming;

/// <summary>
/// Writes the outcomes of one partition's deliveries to Redis. No other type writes them. Each outcome has its own rule for a Redis that
/// does not answer: a command without a reply may have been executed, so a repeat must find that out or be harmless.
/// </summary>
internal sealed class Settler : IAsyncDisposable
{
    private const int ReleaseBatch = 200;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly ConsumerGroup _group;
    private readonly DeadLetterStream _deadLetters;
    private readonly ConsumerOptions _options;
    private readonly ResiliencePipeline _redis;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _giveUp = new();
    private readonly SettleBatches _completed;

    public Settler(
        ConsumerGroup group,
        DeadLetterStream deadLetters,
        ConsumerOptions options,
        ResiliencePipelineProvider<string> pipelines,
        TimeProvider time)
    {
        _group = group;
        _deadLetters = deadLetters;
        _options = options;
        _redis = pipelines.GetPipeline(RedisPipeline.Name);
        _time = time;
        _completed = new SettleBatches(SettleAsync);
    }

    /// <summary>The partition's name.</summary>
    public string Partition => _group.Keys.Partition;

    /// <summary>Writes the outcome of a delivery.</summary>
    /// <exception cref="StackExchange.Redis.RedisException">
    /// Redis did not accept the outcome. The entry stays pending and is reclaimed when its lease expires.
    /// </exception>
    public Task<Settlement> SettleAsync(Lease lease, Outcome outcome)
    {
        // Whether a completed delivery is still owned is for Redis to say: its work is done. For the other outcomes the local clock is
        // enough, since another consumer may already have reclaimed the entry.
        if (lease.IsLost && outcome is not Outcome.Completed)
            return Task.FromResult(Settlement.Lost);
        return outcome switch
        {
            // Repeated until Redis answers, in batches. settle.lua recognises a repeat by the processed id.
            Outcome.Completed => _completed.AddAsync(lease.Delivery),
            Outcome.Retry { Counted: true } => RetryAsync(lease.Delivery),
            Outcome.Retry => ReleaseAsync(lease.Delivery),
            Outcome.Postponed(var wait, var last) => PostponeAsync(lease.Delivery, wait ?? _options.Lease, last),
            Outcome.Rejected(var wait) => RejectAsync(lease.Delivery, wait),
            Outcome.DeadLetter(var failure) => DeadLetterAsync(lease.Delivery, failure),
            _ => throw new InvalidOperationException($"Outcome {outcome.Name} is unknown."),
        };
    }

    /// <summary>
    /// Releases deliveries uncounted, because the process stops. It is not repeated: after a lost reply this consumer may have the entry
    /// again with the same delivery count, and be running it. An entry that was not released is reclaimed when its lease expires.
    /// </summary>
    public async Task ReleaseAsync(IEnumerable<Delivery> deliveries)
    {
        foreach (var batch in deliveries.Chunk(ReleaseBatch))
            await _group.ReleaseAsync(batch, CancellationToken.None);
    }

    /// <summary>Stops waiting for Redis because the process stops: each remaining batch is tried once more.</summary>
    public void GiveUp() => _giveUp.Cancel();

    public async ValueTask DisposeAsync()
    {
        await _completed.DisposeAsync();
        _giveUp.Dispose();
    }

    // Repeated for about half a minute. A repeat changes nothing: the entry waits under another name then, or has another delivery count.
    private async Task<Settlement> RetryAsync(Delivery delivery)
    {
        await _redis.ExecuteAsync(async token => await _group.RetryAsync(delivery, token), CancellationToken.None);
        return Settlement.Retried;
    }

    // Not repeated: see the overload.
    private async Task<Settlement> ReleaseAsync(Delivery delivery)
    {
        await ReleaseAsync([delivery]);
        return Settlement.Released;
    }

    // Frees the slot at once. Like a release, it is not repeated after a lost reply. The email's last delivery makes it a dead letter.
    private async Task<Settlement> PostponeAsync(Delivery delivery, TimeSpan wait, FailureRecord last) =>
        await _group.PostponeAsync(delivery, wait, _options.MaxDeliveries, CancellationToken.None) switch
        {
            PostponeResult.Uncounted => Settlement.Postponed,
            PostponeResult.Counted => Settlement.PostponedCounted,
            PostponeResult.Exhausted => await DeadLetterAsync(delivery, last),
            _ => Settlement.Lost,
        };

    // Frees the slot at once. Not repeated, as a postponement. It never counts: the email has not been tried.
    private async Task<Settlement> RejectAsync(Delivery delivery, TimeSpan wait) =>
        await _group.PostponeAsync(delivery, wait, maxDeliveries: null, CancellationToken.None) == PostponeResult.Lost
            ? Settlement.Lost
            : Settlement.Postponed;

    // Repeated for about half a minute. A repeat finds that the entry is not pending any more, and writes no second dead letter.
    private async Task<Settlement> DeadLetterAsync(Delivery delivery, FailureRecord failure)
    {
        var moved = await _redis.ExecuteAsync(
            async token => await _deadLetters.MoveAsync(delivery, _group.Consumer, failure, token), CancellationToken.None);
        return moved ? Settlement.DeadLettered : Settlement.Lost;
    }

    private async Task<Settlement[]> SettleAsync(IReadOnlyList<Delivery> deliveries) =>
        Array.ConvertAll(await CompleteAsync(deliveries), static result => result switch
        {
            SettleResult.Settled => Settlement.Completed,
            SettleResult.SettledBefore => Settlement.CompletedBefore,
            _ => Settlement.Lost,
        });

    // Waits for an unreachable Redis: the emails are processed, and without a settlement they would be processed again. If another consumer
    // reclaims an entry meanwhile, the script reports it as lost.
    private async Task<SettleResult[]> CompleteAsync(IReadOnlyList<Delivery> deliveries)
    {
        try
        {
            // Redis usually answers at the first attempt, for which the pipeline would do nothing.
            return await _group.SettleAsync(deliveries, _giveUp.Token);
        }
        catch (Exception e) when (RedisErrors.IsPassing(e) || _giveUp.IsCancellationRequested)
        {
            // More attempts follow below.
        }

        while (!_giveUp.IsCancellationRequested)
        {
            try
            {
                return await _redis.ExecuteAsync(async token => await _group.SettleAsync(deliveries, token), _giveUp.Token);
            }
            catch (Exception e) when (RedisErrors.IsPassing(e))
            {
                await Task.Delay(Pause, _time, _giveUp.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (_giveUp.IsCancellationRequested)
            {
                // The last try follows below.
            }
        }

        return await _group.SettleAsync(deliveries, CancellationToken.None);
    }
}
