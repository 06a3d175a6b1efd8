using System.Globalization;

namespace EmailIngestion.Faults;

/// <summary>What went with Redis's data: the dead letters that it held.</summary>
internal sealed class EmptiedRedis
{
    private readonly HashSet<(string Mailbox, uint Uid)> _letters = [];

    /// <summary>The emails whose dead letters are gone.</summary>
    public IReadOnlySet<(string Mailbox, uint Uid)> Letters => _letters;

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
