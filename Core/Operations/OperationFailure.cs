using EmailIngestion.Redis;
using EmailIngestion.Streams;
using StackExchange.Redis;

namespace EmailIngestion.Operations;

/// <summary>Why an operation on a partition failed, in words for the person who asked for it.</summary>
/// <param name="Kind">What helps against it.</param>
/// <param name="Title">The kind of failure, in a few words.</param>
/// <param name="Detail">What failed and what to do, by command and key where Redis refuses. No secrets.</param>
public sealed record OperationFailure(OperationFailureKind Kind, string Title, string Detail)
{
    private static readonly OperationFailure NotReady = new(
        OperationFailureKind.Passing,
        "Not ready",
        "The stream or its consumer group does not exist yet: the first poll or consumer makes it.");

    /// <summary>Explains an exception that an operation threw; null when it is a fault of this program, or a cancellation.</summary>
    public static OperationFailure? Of(Exception error) => error switch
    {
        GroupMissingException => NotReady,
        DamagedCursorException => new(OperationFailureKind.Refused, "Damaged cursor", error.Message),
        RedisRefusedException => new(OperationFailureKind.Refused, "Redis refused", error.Message),
        _ => OfRedis(error),
    };

    private static OperationFailure? OfRedis(Exception error) => RedisErrors.KindOf(error) switch
    {
        RedisFailure.NotRedis => null,
        RedisFailure.Full => new(
            OperationFailureKind.Full,
            "Redis is full",
            "Redis has no memory left for this; nothing was changed. Try again when the consumers have caught up."),
        RedisFailure.GroupMissing => NotReady,
        RedisFailure.Refused => new(
            OperationFailureKind.Refused, "Redis refused", $"Redis refused a command: {RedisErrors.Text(error)}. Nothing was changed."),
        _ when error is RedisServerException => new(
            OperationFailureKind.Passing,
            "Redis cannot do it now",
            $"Redis cannot do it now: {RedisErrors.Text(error)}. Nothing was changed."),
        _ => new(OperationFailureKind.Passing, "Redis is not reachable", "Redis does not answer; nothing was changed."),
    };
}
