using System.Globalization;
using EmailIngestion.Streams;

namespace EmailIngestion.Faults.FollowUps;

/// <summary>The outcomes of each email, with the time of the first one of each kind.</summary>
internal sealed class Outcomes
{
    private readonly Dictionary<(string Mailbox, uint Uid), Dictionary<NoteOutcome, DateTimeOffset>> _all = [];

    /// <summary>The outcomes of an email; empty when there is none.</summary>
    public IReadOnlyDictionary<NoteOutcome, DateTimeOffset> Of((string Mailbox, uint Uid) email) =>
        _all.TryGetValue(email, out var outcomes) ? outcomes : new Dictionary<NoteOutcome, DateTimeOffset>();

    /// <summary>Adds the effects, which are a moment older than the outcome.</summary>
    public void Add(IEnumerable<Effect> effects)
    {
        foreach (var effect in effects)
            Add((effect.Mailbox, effect.Uid), NoteOutcome.Completed, effect.At);
    }

    /// <summary>Adds dead letters.</summary>
    public void Add(IEnumerable<DeadLetter> deadLetters)
    {
        foreach (var deadLetter in deadLetters)
        {
            if (deadLetter.Uid is { } uid)
                Add((deadLetter.Mailbox, uid), NoteOutcome.DeadLetter, TimeOf(deadLetter.Id));
        }
    }

    /// <summary>Adds dead letters that Redis has lost. Their time is not known.</summary>
    public void AddLost(IEnumerable<(string Mailbox, uint Uid)> deadLetters)
    {
        foreach (var email in deadLetters)
            Add(email, NoteOutcome.DeadLetter, DateTimeOffset.MinValue);
    }

    private static DateTimeOffset TimeOf(string id) =>
        DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(id.Split('-')[0], CultureInfo.InvariantCulture));

    private void Add((string Mailbox, uint Uid) email, NoteOutcome outcome, DateTimeOffset at)
    {
        if (!_all.TryGetValue(email, out var outcomes))
            _all[email] = outcomes = [];
        outcomes[outcome] = outcomes.TryGetValue(outcome, out var known) && known < at ? known : at;
    }
}
