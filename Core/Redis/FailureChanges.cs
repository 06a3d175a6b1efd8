using System.Collections.Concurrent;

namespace EmailIngestion.Redis;

/// <summary>
/// Detects as <see cref="FailureChange"/> when a failure changes, for each of several things, such as partitions: what works in one does
/// not hide what fails in another.
/// </summary>
internal sealed class FailureChanges
{
    private readonly ConcurrentDictionary<string, FailureChange> _failing = new(StringComparer.Ordinal);

    /// <summary>Notes a failure. True when the failure before it was of another kind, or there was none.</summary>
    public bool Note(string what, Exception error) => _failing.GetOrAdd(what, _ => new FailureChange()).Note(error);

    /// <summary>It works again.</summary>
    public void Clear(string what) => _failing.TryRemove(what, out _);
}
