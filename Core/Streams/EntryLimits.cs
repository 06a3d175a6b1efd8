namespace EmailIngestion.Streams;

/// <summary>The largest email that Redis accepts.</summary>
/// <param name="Argument">
/// The most bytes of one argument. Redis closes the connection on a larger one. <see cref="long.MaxValue"/> when Redis does not report it.
/// </param>
/// <param name="Setting">The Redis setting that is the reason.</param>
/// <param name="Memory">
/// The bytes that polling may fill. A larger email never fits. <see cref="long.MaxValue"/> without <c>maxmemory</c> and
/// <c>Streams:MaxMemoryBytes</c>.
/// </param>
/// <param name="Value">
/// The most bytes of one value (<c>proto-max-bulk-len</c>), however many arguments brought them. <see cref="long.MaxValue"/> when Redis
/// does not report it.
/// </param>
internal readonly record struct EntryLimits(long Argument, string Setting, long Memory, long Value)
{
    /// <summary>Why an email of a size never fits into the memory that polling may fill; null when it fits.</summary>
    public string? MemoryFault(long size) =>
        size > Memory ? $"{size} bytes; the part of maxmemory that polling may fill is {Memory}." : null;
}
