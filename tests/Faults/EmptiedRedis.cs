using System.Globalization;

namespace EmailIngestion.Faults;

/// <summary>What went with Redis's data: the dead letters that it held; and which mailboxes had a hint by then.</summary>
/// <param name="hints">The folder of the pollers' hints.</param>
internal sealed class EmptiedRedis(string hints)
{
    private string[] _hinted = [];

    /// <summary>Whether the mailbox had a hint before Redis was emptied: a poller that is killed in its first two seconds may leave none.</summary>
    public bool HadHint(string mailbox) => _hinted.Contains($"{mailbox.Replace("/", "%2F", StringComparison.Ordinal)}.json", StringComparer.Ordinal);

    /// <summary>Redis is about to be emptied.</summary>
    public void Begin() => _hinted = Directory.Exists(hints) ? [.. Directory.GetFiles(hints).Select(file => Path.GetFileName(file))] : [];

    private readonly HashSet<(string Mailbox, uint Uid)> _letters = [];

    /// <summary>The emails whose dead letters are gone.</summary>
    public IReadOnlySet<(string Mailbox, uint Uid)> DeadLetters => _letters;

    /// <param name="letters">Each as <c>mailbox uid</c>.</param>
    public void Note(IEnumerable<string> letters)
    {
        foreach (var letter in letters)
        {
            var at = letter.LastIndexOf(' ');
            if (at <= 0 || !uint.TryParse(letter.AsSpan(at + 1), CultureInfo.InvariantCulture, out var uid))
                throw new InvalidOperationException($"Redis was not emptied, it says: {letter}");
            _letters.Add((letter[..at], uid));
        }
    }
}
