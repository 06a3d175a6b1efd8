using System.Globalization;

namespace EmailIngestion.Faults;

/// <summary>Records the dead letters that are lost with the data of Redis, and the mailboxes that had a hint by then.</summary>
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

    /// <summary>The emails whose dead letters are lost.</summary>
    public IReadOnlySet<(string Mailbox, uint Uid)> DeadLetters => _deadLetters;

    /// <param name="deadLetters">Each as <c>mailbox uid</c>.</param>
    public void Note(IEnumerable<string> deadLetters)
    {
        foreach (var deadLetter in deadLetters)
        {
            var at = deadLetter.LastIndexOf(' ');
            if (at <= 0 || !uint.TryParse(deadLetter.AsSpan(at + 1), CultureInfo.InvariantCulture, out var uid))
                throw new InvalidOperationException($"Redis was not emptied. It answered: {deadLetter}");
            _deadLetters.Add((deadLetter[..at], uid));
        }
    }
}
