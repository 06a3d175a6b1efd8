using EmailIngestion.Streams;

namespace EmailIngestion.Faults;

/// <summary>What became of every email.</summary>
internal sealed record Account
{
    public required int InMailboxes { get; init; }

    public required int Once { get; init; }

    /// <summary>Twice or more, each time in a documented window in which it may not have been settled: how many in which.</summary>
    public required IReadOnlyDictionary<string, int> Repeated { get; init; }

    /// <summary>Twice or more, and nothing explains it.</summary>
    public required IReadOnlyList<string> Unexplained { get; init; }

    /// <summary>Dead letters of emails that belong there.</summary>
    public required int Dead { get; init; }

    /// <summary>Dead letters that went with the data of Redis, of emails that were not read again.</summary>
    public required int GoneLetters { get; init; }

    /// <summary>Neither processed nor dead-lettered.</summary>
    public required IReadOnlyList<string> Lost { get; init; }

    /// <summary>Processed under an id that is another email's, or dead-lettered although processed, or the like.</summary>
    public required IReadOnlyList<string> Confused { get; init; }

    /// <summary>Writes of one that was not the owner any more, and was heard.</summary>
    public int TakenFromFormerOwners { get; init; }

    public int RefusedToFormerOwners { get; init; }

    /// <summary>The times that polling stopped at the stream limit.</summary>
    public IReadOnlyList<StopLine> StopsAtLimit { get; init; } = [];

    /// <summary>Those at which there was less outstanding than the limit allows: settled entries stopped it.</summary>
    public IReadOnlyList<string> StoppedBySettled =>
        [.. StopsAtLimit.Where(stop => stop.Lag is { } lag && lag + stop.Pending < stop.Limit).Select(stop => $"polling stopped by settled entries: {stop}")];

    /// <summary>Entries that the product says somebody deleted: nobody has.</summary>
    public long Vanished { get; init; }

    /// <summary>Consumers that went on without their name, and mailboxes that were begun again without their hint.</summary>
    public IReadOnlyList<string> Troubles { get; init; } = [];

    public bool IsGood => Troubles.Count == 0 && StoppedBySettled.Count == 0 && Vanished == 0 && Lost.Count == 0 && TakenFromFormerOwners == 0 && Unexplained.Count == 0 && Confused.Count == 0;

    public static Account Of(
        IReadOnlyList<(string Mailbox, uint Uid, int Number)> mails,
        IReadOnlyCollection<Effect> effects,
        IReadOnlyList<DeadLetter> letters,
        IReadOnlySet<(string Mailbox, uint Uid)> goneLetters,
        Mail mail,
        Explanations explanations)
    {
        var byEmail = effects.ToLookup(effect => (effect.Mailbox, effect.Uid));
        var dead = letters.Where(letter => letter.Uid is not null).ToLookup(letter => (letter.Mailbox, letter.Uid!.Value));
        var (once, buried, gone) = (0, 0, 0);
        var repeated = new Dictionary<string, int>(StringComparer.Ordinal);
        var (unexplained, lost, confused) = (new List<string>(), new List<string>(), new List<string>());
        foreach (var (mailbox, uid, number) in mails)
        {
            var key = (mailbox, uid);
            var name = $"{mailbox} {uid} (mail {number}, {mail.FateOf(number)})";
            Effect[] own = [.. byEmail[key].OrderBy(effect => effect.At)];
            var letter = dead[key].FirstOrDefault();
            if (own.Any(effect => effect.Number != number) || own.DistinctBy(effect => effect.EmailId).Count() > 1 || (dead[key].Count() > 1 && !explanations.IsDeadLetteredAgain(dead[key])))
                confused.Add(name);
            else if (own.Length > 0 && letter is not null)
                confused.Add($"{name}: processed, and dead-lettered as {letter.Reason}");
            else if (own.Length == 0 && letter is null && goneLetters.Contains(key))
                gone++;
            else if (own.Length == 0 && letter is null)
                lost.Add(name);
            else if (letter is not null)
                buried++;
            else if (own.Length == 1)
                once++;
            else if (own.Zip(own.Skip(1)).FirstOrDefault(pair => explanations.Of(pair.First, pair.Second) is null).First is { } effect)
                unexplained.Add($"{name}: {string.Join(", ", own.Select(one => $"{one.Worker} {one.At:HH:mm:ss.fff} (settled {one.Settled:HH:mm:ss.fff})"))}; nothing explains that of {effect.At:HH:mm:ss.fff}");
            else
                repeated[explanations.Of(own[0], own[1])!] = repeated.GetValueOrDefault(explanations.Of(own[0], own[1])!) + 1;
        }

        var known = mails.Select(one => (one.Mailbox, one.Uid)).ToHashSet();
        confused.AddRange(effects.Where(effect => !known.Contains((effect.Mailbox, effect.Uid))).Select(effect => $"{effect.Mailbox} {effect.Uid}: no such email"));
        return new Account
        {
            InMailboxes = mails.Count,
            Once = once,
            Repeated = repeated,
            Unexplained = unexplained,
            Dead = buried,
            GoneLetters = gone,
            Lost = lost,
            Confused = confused,
        };
    }
}
