namespace EmailIngestion.Processing.Archiving;

/// <summary>
/// The folder <c>.incoming</c> of an archive. It has the files that are being written, and those that a crash has left, which are deleted
/// after a day.
/// </summary>
internal sealed class IncomingFolder(string archive, TimeProvider time)
{
    public const string Name = ".incoming";

    // No attempt takes longer than an hour (Processing:AttemptTimeout).
    private static readonly TimeSpan Age = TimeSpan.FromDays(1);
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private long _next = long.MinValue;

    public string FullPath { get; } = Path.Combine(archive, Name);

    /// <summary>Each attempt has its own files: an attempt that lost its lease may still be writing.</summary>
    public string NewFile() => Path.Combine(FullPath, $"{Guid.NewGuid():N}.tmp");

    /// <summary>Deletes the files that a crash has left, at the first call and then once an hour.</summary>
    /// <returns>The number of deleted files.</returns>
    public int Sweep()
    {
        var now = time.GetUtcNow();
        var next = Interlocked.Read(ref _next);
        if (now.UtcTicks < next || Interlocked.CompareExchange(ref _next, (now + Interval).UtcTicks, next) != next)
            return 0;
        var deleted = 0;
        foreach (var file in Directory.EnumerateFiles(FullPath, "*.tmp"))
        {
            if (TryDelete(file, now - Age))
                deleted++;
        }

        return deleted;
    }

    // Another consumer may sweep the same folder. A file that cannot be deleted must not fail an email.
    private static bool TryDelete(string file, DateTimeOffset before)
    {
        try
        {
            if (File.GetLastWriteTimeUtc(file) >= before.UtcDateTime)
                return false;
            File.Delete(file);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
