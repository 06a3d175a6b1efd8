using EmailIngestion.Bodies;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using StackExchange.Redis;

namespace EmailIngestion.Operations;

/// <summary>Describes a failed operation on a partition, for the person who requested it.</summary>
/// <param name="Kind">What repairs it.</param>
/// <param name="Title">The kind of failure, in a few words.</param>
/// <param name="Detail">What failed and what to do, with command and key if Redis refused. It contains no secrets.</param>
public sealed record OperationFailure(OperationFailureKind Kind, string Title, string Detail)
{
    private static readonly OperationFailure NotReady = new(
        OperationFailureKind.Passing,
        "Not ready",
        "The stream or its consumer group does not exist yet. The first poll or consumer creates it.");

    /// <summary>Describes an exception of an operation; null for a fault of this program and for a cancellation.</summary>
    public static OperationFailure? Of(Exception error) => error switch
    {
        GroupMissingException => NotReady,
        DamagedCursorException => new(OperationFailureKind.Refused, "Damaged cursor", error.Message),
        RedisRefusedException => new(OperationFailureKind.Refused, "Redis refused", error.Message),
        BodyStoreException { Failure: BodyFailure.Unavailable } => new(
            OperationFailureKind.Passing, "The store of bodies is away", $"{error.Message} Nothing was changed. Try again."),
        BodyStoreException => new(OperationFailureKind.Refused, "The message was changed", $"{error.Message} It is not processed."),
        RedisSignInException => new(
            OperationFailureKind.Passing,
            "Cannot sign in to Redis",
            $"Cannot sign in to Redis: {RedisErrors.Text(error)}. Nothing was changed. Try again."),
        _ => OfRedis(error),
    };

    private static OperationFailure? OfRedis(Exception error) => RedisErrors.KindOf(error) switch
    {
        RedisFailure.NotRedis => null,
        RedisFailure.Full => new(
            OperationFailureKind.Full,
            "Redis is full",
            "Redis has no memory left for this operation. Nothing was changed. Try again when the consumers have caught up."),
        RedisFailure.GroupMissing => NotReady,
        RedisFailure.Refused => new(
            OperationFailureKind.Refused, "Redis refused", $"Redis refused a command: {RedisErrors.Text(error)}. Nothing was changed."),
        _ when error is RedisServerException => new(
            OperationFailureKind.Passing,
            "Redis is temporarily unavailable",
            $"Redis cannot execute the operation now: {RedisErrors.Text(error)}. Nothing was changed. Try again."),
        _ => new(OperationFailureKind.Passing, "Redis is not reachable", "Redis does not answer. Nothing was changed. Try again."),
    };
}
