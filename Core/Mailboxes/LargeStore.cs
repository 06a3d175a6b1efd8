using EmailIngestion.Bodies;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Polly;

namespace EmailIngestion.Mailboxes;

/// <summary>Tells whether the store takes a large email now, before the email is fetched, and what a failure of the store means.</summary>
internal sealed class LargeStore(EmailStream stream, StreamPressure pressure, ResiliencePipeline redis, TimeProvider time)
{
    // As the appender: the append itself never exceeds the stream limit.
    private static readonly TimeSpan PressureAge = TimeSpan.FromSeconds(1);

    /// <summary>A message of this size, in bytes, or larger goes to the store while it is fetched.</summary>
    public int StreamedFrom { get; } = Math.Max(EmailStream.LargeBytes, stream.Bodies.Stores.InlineLimit + 1);

    /// <summary>The beginning of a message that is kept, in bytes. A message that is no longer is not streamed.</summary>
    public int HeadBytes { get; } = Math.Max(PieceBuffers.HeadBytes, stream.Bodies.Stores.InlineLimit);

    /// <summary>The waits of this poll for the store.</summary>
    public StoreWait Waits { get; } = new(time);

    public BodyUpload BeginUpload() => stream.Bodies.BeginUpload();

    /// <summary>Why no large email can be stored now; null when one can.</summary>
    public Unstored? Wait(CancellationToken cancellationToken) =>
        Run(async token => await pressure.IsHighAsync(stream, PressureAge, token), cancellationToken)
            ? new Unstored(PollEnd.BackPressure)
            : null;

    /// <summary>Reserves room in Redis for a body; null when those that are being written leave none.</summary>
    public StagedBytes.Share? TryStage(long size, CancellationToken cancellationToken) => stream.Staged.TryAdd(
        size, IsInRedis ? Run(async token => await stream.FreeMemoryAsync(token), cancellationToken) : long.MaxValue);

    /// <summary>Why Redis can never store an email of this size; null when it can, or when the body goes elsewhere.</summary>
    /// <returns>Whether its dead letter is due at once, and the reason.</returns>
    public (bool IsCertain, string Why)? TooLarge(long size, CancellationToken cancellationToken)
    {
        if (!IsInRedis)
            return null;
        var limits = Run(async token => await stream.LimitsAsync(token), cancellationToken);
        if (size > limits.Value)
            return (true, $"{size} bytes; Redis takes {limits.Value} (proto-max-bulk-len).");
        return limits.MemoryFault(size) is { } fault ? (false, fault) : null;
    }

    /// <summary>What a failure of the store means for the poll. Null: Redis is away.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="size">The size of the email in bytes.</param>
    /// <param name="hadOthers">Whether other bodies were written at the same time. They may have used the memory.</param>
    /// <param name="cancellationToken">Ends the questions to Redis.</param>
    public Unstored? Of(BodyStoreException failure, long size, bool hadOthers, CancellationToken cancellationToken)
    {
        if (!IsInRedis || failure.InnerException is not { } inner)
            return new Unstored(PollEnd.StoreAway, failure.Message);
        if (RedisErrors.IsPassing(inner))
            return null;
        var isFull = RedisErrors.KindOf(inner) == RedisFailure.Full;
        if (!isFull && !IsOfTheEmail(inner))
            return new Unstored(PollEnd.StoreAway, failure.Message);
        return isFull && (hadOthers || HasEntries(cancellationToken))
            ? new Unstored(PollEnd.BackPressure)
            : new Unstored(PollEnd.Stuck, $"{size} bytes: {RedisErrors.Text(inner)}.");
    }

    private bool IsInRedis => stream.Bodies.Stores.Current.Kind == BodyStoreKind.Redis;

    // A right that is missing is missing for every email.
    private static bool IsOfTheEmail(Exception error) =>
        RedisErrors.KindOf(error) == RedisFailure.Refused && error.Message.Contains("maximum allowed size", StringComparison.Ordinal);

    private bool HasEntries(CancellationToken cancellationToken) =>
        Run(async token => await stream.HasUnsettledAsync(token), cancellationToken);

    // On the thread of the fetch.
    private T Run<T>(Func<CancellationToken, ValueTask<T>> ask, CancellationToken cancellationToken) =>
        redis.ExecuteAsync(ask, cancellationToken).AsTask().GetAwaiter().GetResult();
}
