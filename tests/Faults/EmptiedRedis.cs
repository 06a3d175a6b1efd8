using System.Globalization;
using EmailIngestion.Streams;

namespace EmailIngestion.Faults;

/// <summary>
/// Records the dead letters and the notes that are lost with the data of Redis, and the mailboxes that had a hint by then.
/// </summary>
/// <param name="hints">The folder of the pollers' hints.</param>
internal sealed class EmptiedRedis(string hints)
{
    private string[] _hinted = [];

    /// <summary>
    /// Whether the mailbox had a hint before Redis was emptied. A poller that is killed in its first two seconds may leave none.
    /// </summary>
    public bool HadHint(string mailbox) =>
        _hinted.Contains($"{mailbox.Replace("/", "%2F", StringComparison.Ordinal)}.json", StringComparer.Ordinal);

    /// <summary>Records the hints before Redis is emptied.</summary>
    public void Begin() => _hinted = Directory.Exists(hints) ? [.. Directory.GetFiles(hints).Select(file => Path.GetFileName(file))] : [];

    private readonly HashSet<(string Mailbox, uint Uid)> _deadLetters = [];
    private readonly List<(string Key, SettledNote Note)> _notes = [];

    /// <summary>The emails whose dead letters are lost.</summary>
    public IReadOnlySet<(string Mailbox, uint Uid)> DeadLetters => _deadLetters;

    /// <summary>The lost notes of follow-ups, by their key.</summary>
    public IReadOnlyCollection<(string Key, SettledNote Note)> Notes => _notes;

    /// <param name="lost">As <see cref="LostData"/> lists it.</param>
    public void Note(IEnumerable<string> lost)
    {
        foreach (var line in lost)
        {
            if (line.Split(' ') is ["dead-letter", var mailbox, var number]
                && uint.TryParse(number, CultureInfo.InvariantCulture, out var uid))
                _deadLetters.Add((mailbox, uid));
            else if (line.Split(' ') is ["note", var key, var value] && SettledNote.Parse(value) is { } note)
                _notes.Add((key, note));
            else
                throw new InvalidOperationException($"Redis was not emptied. It answered: {line}");
        }
    }
}
