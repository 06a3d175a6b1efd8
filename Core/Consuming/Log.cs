using Microsoft.Extensions.Logging;

namespace EmailIngestion.Consuming;

internal static partial class Log
{
    [LoggerMessage(EventId = 300, Level = LogLevel.Information, Message = "Consumer {Consumer} reads {Stream}.")]
    public static partial void Started(ILogger logger, string consumer, string stream);

    [LoggerMessage(
        EventId = 301, Level = LogLevel.Information,
        Message = "Consumer {Consumer} stopped reading {Stream}: "
            + "{Finished} deliveries finished during the stop, {Released} were released.")]
    public static partial void Stopped(ILogger logger, string consumer, string stream, int finished, int released);

    [LoggerMessage(
        EventId = 302, Level = LogLevel.Error,
        Message = "Moved entry {EntryId} to the dead-letter queue after {DeliveryCount} deliveries: "
            + "{Reason}, {ErrorType}: {ErrorMessage}")]
    public static partial void DeadLettered(
        ILogger logger, string entryId, int deliveryCount, string reason, string errorType, string errorMessage, Exception? exception);

    [LoggerMessage(
        EventId = 303, Level = LogLevel.Information,
        Message = "Released entry {EntryId}, delivery {DeliveryCount}, uncounted: {Why}.")]
    public static partial void Released(ILogger logger, string entryId, int deliveryCount, string why);

    [LoggerMessage(
        EventId = 304, Level = LogLevel.Warning,
        Message = "Lost the lease of entry {EntryId}, delivery {DeliveryCount}: nothing is written.")]
    public static partial void LeaseLost(ILogger logger, string entryId, int deliveryCount, Exception? exception);

    [LoggerMessage(
        EventId = 305, Level = LogLevel.Warning,
        Message = "Failed to write outcome {Outcome} of entry {EntryId}, delivery {DeliveryCount}, to Redis: {Error}. "
            + "The entry stays pending and will be delivered again.")]
    public static partial void SettleFailed(
        ILogger logger, string outcome, string entryId, int deliveryCount, string error, Exception? exception);

    [LoggerMessage(
        EventId = 306, Level = LogLevel.Warning,
        Message = "Opened the circuit for {Duration}: the processor's dependency fails. Reading is paused. Last failure: {Error}")]
    public static partial void CircuitOpened(ILogger logger, TimeSpan duration, string error);

    [LoggerMessage(EventId = 307, Level = LogLevel.Information, Message = "Closed the circuit: the processor's dependency works again.")]
    public static partial void CircuitClosed(ILogger logger);

    [LoggerMessage(
        EventId = 331, Level = LogLevel.Warning,
        Message = "Opened the circuit of {Processors} for {Duration}: their dependency fails. Their emails are postponed. "
            + "Last failure: {Error}")]
    public static partial void CircuitOfSeveralOpened(ILogger logger, string processors, TimeSpan duration, string error);

    [LoggerMessage(
        EventId = 332, Level = LogLevel.Information, Message = "Closed the circuit of {Processors}: their dependency works again.")]
    public static partial void CircuitOfSeveralClosed(ILogger logger, string processors);

    // Not a warning: during an outage it happens to each email of the processors again and again.
    [LoggerMessage(
        EventId = 333, Level = LogLevel.Debug,
        Message = "Postponed entry {EntryId}, delivery {DeliveryCount}, for {Wait}, uncounted: "
            + "the circuit of its processors is open, the store of its body is away, or this process has no room for it.")]
    public static partial void Rejected(ILogger logger, string entryId, int deliveryCount, TimeSpan wait);

    [LoggerMessage(EventId = 308, Level = LogLevel.Warning, Message = "Failed to read {Stream}: {Error}. Trying again.")]
    public static partial void ReadFailed(ILogger logger, string stream, string error);

    [LoggerMessage(EventId = 309, Level = LogLevel.Information, Message = "Reading {Stream} works again.")]
    public static partial void ReadWorks(ILogger logger, string stream);

    [LoggerMessage(
        EventId = 310, Level = LogLevel.Critical,
        Message = "Consumer name {Consumer} is in use by another process. Choose a name that is unique in the group "
            + "(Consumer:Name, --consumer).")]
    public static partial void NameInUse(ILogger logger, string consumer);

    [LoggerMessage(
        EventId = 311, Level = LogLevel.Information,
        Message = "Consumer name {Consumer} is still in use, by the last process of this name or by another one: waiting.")]
    public static partial void WaitingForName(ILogger logger, string consumer);

    [LoggerMessage(
        EventId = 312, Level = LogLevel.Information,
        Message = "Reclaimed {Count} deliveries whose lease had expired.")]
    public static partial void Reclaimed(ILogger logger, int count);

    [LoggerMessage(
        EventId = 313, Level = LogLevel.Warning,
        Message = "Failed to renew the leases of {Stream}: {Error}. "
            + "{Count} deliveries are in work; those whose lease expires are stopped and delivered again.")]
    public static partial void RenewalFailed(ILogger logger, string stream, string error, int count);

    [LoggerMessage(
        EventId = 314, Level = LogLevel.Information,
        Message = "Attempt {Attempt} of a delivery failed and will be repeated in {Delay}: {Error}")]
    public static partial void AttemptFailed(ILogger logger, int attempt, TimeSpan delay, string error);

    [LoggerMessage(
        EventId = 315, Level = LogLevel.Information,
        Message = "Took over consumer name {Consumer} from its last process, "
            + "whose deliveries are reclaimed when their leases expire.")]
    public static partial void TookOver(ILogger logger, string consumer);

    [LoggerMessage(
        EventId = 320, Level = LogLevel.Warning,
        Message = "Postponed entry {EntryId}, delivery {DeliveryCount}, for {Wait}: {ErrorType}: {ErrorMessage}")]
    public static partial void Postponed(
        ILogger logger, string entryId, int deliveryCount, TimeSpan wait, string errorType, string errorMessage, Exception? exception);

    [LoggerMessage(
        EventId = 321, Level = LogLevel.Warning,
        Message = "Abandoned {Count} runs of the processor that are still running. With more than {Limit} this process stops reading.")]
    public static partial void Abandoned(ILogger logger, int count, int limit);

    [LoggerMessage(
        EventId = 322, Level = LogLevel.Critical,
        Message = "Stopped reading: {Count} abandoned runs of the processor are still running, "
            + "more than Processing:MaxAbandoned ({Limit}). Reading continues when some have ended; "
            + "health/live answers 503, so that this process is restarted.")]
    public static partial void TooManyAbandoned(ILogger logger, int count, int limit);

    [LoggerMessage(
        EventId = 323, Level = LogLevel.Information,
        Message = "Reading continues: {Count} abandoned runs of the processor are still running.")]
    public static partial void AbandonedEnded(ILogger logger, int count);

    [LoggerMessage(
        EventId = 621, Level = LogLevel.Warning,
        Message = "Large emails of partition '{Partition}' wait, uncounted: the store of bodies is away: {Error}")]
    public static partial void BodyStoreAway(ILogger logger, string partition, string error);

    [LoggerMessage(
        EventId = 622, Level = LogLevel.Information,
        Message = "Large emails of partition '{Partition}' continue: the store of bodies answers.")]
    public static partial void BodyStoreBack(ILogger logger, string partition);

    [LoggerMessage(
        EventId = 324, Level = LogLevel.Warning,
        Message = "Delivery {DeliveryCount} of entry {EntryId} failed and will be retried: {ErrorType}: {ErrorMessage}")]
    public static partial void Failed(
        ILogger logger, int deliveryCount, string entryId, string errorType, string errorMessage, Exception exception);

    [LoggerMessage(
        EventId = 325, Level = LogLevel.Error,
        Message = "Failed to read {Stream} by a fault of this program. Trying again.")]
    public static partial void ReadBroken(ILogger logger, string stream, Exception exception);

    [LoggerMessage(
        EventId = 326, Level = LogLevel.Error,
        Message = "Failed to {Step} of {Stream} by a fault of this program. Trying again.")]
    public static partial void MaintenanceBroken(ILogger logger, string step, string stream, Exception exception);

    [LoggerMessage(
        EventId = 327, Level = LogLevel.Warning,
        Message = "Failed to release the deliveries of {Stream} at the stop: {Error}. "
            + "They are delivered again when their leases expire.")]
    public static partial void ReleaseFailed(ILogger logger, string stream, string error, Exception? exception);

    [LoggerMessage(EventId = 328, Level = LogLevel.Information, Message = "Maintenance of {Stream} works again: {Step}.")]
    public static partial void MaintenanceWorks(ILogger logger, string step, string stream);

    [LoggerMessage(
        EventId = 329, Level = LogLevel.Warning,
        Message = "Failed to {Step} of {Stream}: {Error}. Trying again; the other maintenance continues.")]
    public static partial void MaintenanceFailed(ILogger logger, string step, string stream, string error);

    [LoggerMessage(
        EventId = 623, Level = LogLevel.Warning,
        Message = "{Error} Large emails wait, and no delivery is counted.")]
    public static partial void SpoolFails(ILogger logger, string error);

    [LoggerMessage(EventId = 624, Level = LogLevel.Information, Message = "Large emails can be kept in the local folder again.")]
    public static partial void SpoolWorks(ILogger logger);
}
