namespace EmailIngestion.Streams;

/// <summary>An email whose processor waits for memory (<see cref="ByteBudget.Load"/>).</summary>
internal sealed class RoomWaiter(long bytes, object owner)
{
    public long Bytes => bytes;

    public object Owner => owner;

    /// <summary>Completed when the email has its memory.</summary>
    public TaskCompletionSource<ByteCharge> Charge { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
