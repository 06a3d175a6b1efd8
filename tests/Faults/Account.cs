using EmailIngestion.Streams;

namespace EmailIngestion.Faults;

/// <summary>The account of every email of a run.</summary>
internal sealed record Account
{
    public required int InMailboxes { get; init; }

    public required int Once { get; init; }

    /// <summary>How many emails were processed more than once, by the documented window that explains it.</summary>
    public required IReadOnlyDictionary<string, int> Repeated { get; init; }

    /// <summary>Emails that were processed more than once without an explanation.</summary>
    public required IReadOnlyList<string> Unexplained { get; init; }

    /// <summary>How many emails were dead-lettered as expected.</summary>
    public required int DeadLettered { get; init; }

    /// <summary>How many dead letters were lost with the data of Redis and not read again.</summary>
    public required int GoneDeadLetters { get; init; }

    /// <summary>Emails that were neither processed nor dead-lettered.</summary>
    public required IReadOnlyList<string> Lost { get; init; }

    /// <summary>Emails with contradicting results, such as an ID of another email, or a dead letter of a processed email.</summary>
    public required IReadOnlyList<string> Confused { get; init; }

    /// <summary>How many writes of former owners Redis accepted.</summary>
    public int TakenFromFormerOwners { get; init; }

    public int RefusedToFormerOwners { get; init; }

    /// <summary>Each stop of polling at the stream limit.</summary>
    public IReadOnlyList<StopLine> StopsAtLimit { get; init; } = [];

    /// <summary>The stops with less outstanding work than the limit allows: settled entries caused them.</summary>
    public IReadOnlyList<string> StoppedBySettled =>
        [.. StopsAtLimit.Where(stop => stop.Lag is { } lag && lag + stop.Pending < stop.Limit)
            .Select(stop => $"polling stopped by settled entries: {stop}")];

    /// <summary>How many entries the product reported as vanished. The run deletes none.</summary>
    public long Vanished { get; init; }

    /// <summary>Consumers that continued without their name, and mailboxes that were started again without their hint.</summary>
    public IReadOnlyList<string> Troubles { get; init; } = [];

    public bool IsGood => Troubles.Count == 0
        && StoppedBySettled.Count == 0
        && Vanished == 0
        && Lost.Count == 0
        && TakenFromFormerOwners == 0
        && Unexplained.Count == 0
        && Confused.Count == 0;

    public static Account Of(
        IReadOnlyList<(string Mailbox, uint Uid, int Number)> mails,
        IReadOnlyCollection<Effect> effects,
        IReadOnlyList<DeadLetter> deadLetters,
        IReadOnlySet<(string Mailbox, uint Uid)> goneDeadLetters,
        Mail mail,
        Explanations explanations)
    {
        var byEmail = effects.ToLookup(effect => (effect.Mailbox, effect.Uid));
        var deadLettersOf = deadLetters.Where(deadLetter => deadLetter.Uid is not null)
            .ToLookup(deadLetter => (deadLetter.Mailbox, deadLetter.Uid!.Value));
        var (once, deadLettered, gone) = (0, 0, 0);
        var repeated = new Dictionary<string, int>(StringComparer.Ordinal);
        var (unexplained, lost, confused) = (new List<string>(), new List<string>(), new List<string>());
        foreach (var (mailbox, uid, number) in mails)
        {
            var key = (mailbox, uid);
            var name = $"{mailbox} {uid} (mail {number}, {mail.FateOf(number)})";
            Effect[] own = [.. byEmail[key].OrderBy(effect => effect.At)];
            var deadLetter = deadLettersOf[key].FirstOrDefault();
            if (own.Any(effect => effect.Number != number)
                || own.DistinctBy(effect => effect.EmailId).Count() > 1
                || (deadLettersOf[key].Count() > 1 && !explanations.IsDeadLetteredAgain(deadLettersOf[key])))
                confused.Add(name);
            else if (own.Length > 0 && deadLetter is not null)
                confused.Add($"{name}: processed, and dead-lettered as {deadLetter.Reason}");
            else if (own.Length == 0 && deadLetter is null && goneDeadLetters.Contains(key))
                gone++;
            else if (own.Length == 0 && deadLetter is null)
                lost.Add(name);
            else if (deadLetter is not null)
                deadLettered++;
            else if (own.Length == 1)
                once++;
            else if (own.Zip(own.Skip(1)).FirstOrDefault(pair => explanations.Of(pair.First, pair.Second) is null).First is { } effect)
            {
                var all = string.Join(", ", own.Select(one => $"{one.Worker} {one.At:HH:mm:ss.fff} (settled {one.Settled:HH:mm:ss.fff})"));
                unexplained.Add($"{name}: {all}; the effect of {effect.At:HH:mm:ss.fff} has no explanation");
            }
            else
                repeated[explanations.Of(own[0], own[1])!] = repeated.GetValueOrDefault(explanations.Of(own[0], own[1])!) + 1;
        }

        var known = mails.Select(one => (one.Mailbox, one.Uid)).ToHashSet();
        confused.AddRange(
            effects.Where(effect => !known.Contains((effect.Mailbox, effect.Uid)))
                .Select(effect => $"{effect.Mailbox} {effect.Uid}: no such email"));
        return new Account
        {
            InMailboxes = mails.Count,
            Once = once,
            Repeated = repeated,
            Unexplained = unexplained,
            DeadLettered = deadLettered,
            GoneDeadLetters = gone,
            Lost = lost,
            Confused = confused,
        };
    }
}
