using StackExchange.Redis;

namespace EmailIngestion.Streams.Control;

/// <summary>What the processes of a partition obey at run time. Pure.</summary>
public sealed record ControlState
{
    /// <summary>The most emails that a consumer may process at the same time.</summary>
    public const int MaxConcurrency = 1_000;

    internal const string EverythingField = "everything";
    internal const string ConsumersField = "consumers";
    internal const string ConcurrencyField = "concurrency";
    internal const string MailboxPrefix = "mailbox:";
    internal const string PollPrefix = "poll:";
    internal const string UnparkPrefix = "unpark:";

    /// <summary>Nothing was changed.</summary>
    public static ControlState Initial { get; } = new();

    /// <summary>The pause of all mailboxes and consumers; null if there is none.</summary>
    public ControlMark? Everything { get; init; }

    /// <summary>The pause of the consumers; null if there is none.</summary>
    public ControlMark? Consumers { get; init; }

    /// <summary>The pauses of single mailboxes, by name.</summary>
    public IReadOnlyDictionary<string, ControlMark> Mailboxes { get; init; } = new Dictionary<string, ControlMark>();

    /// <summary>The concurrency that was set at run time; null for <c>Consumer:Concurrency</c>.</summary>
    public ConcurrencyMark? Concurrency { get; init; }

    /// <summary>The polls that somebody has requested.</summary>
    internal IReadOnlyList<ControlRequest> Polls { get; init; } = [];

    /// <summary>The parked mailboxes that somebody has resumed.</summary>
    internal IReadOnlyList<ControlRequest> Unparks { get; init; } = [];

    /// <summary>The pause that stops the consumers; null if they are not paused.</summary>
    public ControlMark? ConsumersPause => Everything ?? Consumers;

    /// <summary>The pause that stops the polls of a mailbox; null if it is not paused.</summary>
    public ControlMark? PauseOf(string mailbox) => Everything ?? Mailboxes.GetValueOrDefault(mailbox);

    /// <summary>Reads the hash. A field with a value of somebody else counts as absent.</summary>
    internal static ControlState Read(IEnumerable<HashEntry> hash)
    {
        var state = new ControlState();
        var mailboxes = new Dictionary<string, ControlMark>(StringComparer.Ordinal);
        var (polls, unparks) = (new List<ControlRequest>(), new List<ControlRequest>());
        foreach (var (field, text) in hash.Select(entry => (entry.Name.ToString(), entry.Value.ToString())))
        {
            if (ControlValue.Read(text) is not { } value)
                continue;
            var mark = new ControlMark(value.Time, value.Who, value.Reason);
            if (field == EverythingField)
                state = state with { Everything = mark };
            else if (field == ConsumersField)
                state = state with { Consumers = mark };
            else if (field == ConcurrencyField && value.Number is > 0 and <= MaxConcurrency)
                state = state with { Concurrency = new ConcurrencyMark(value.Number.Value, value.Time, value.Who) };
            else if (field.StartsWith(MailboxPrefix, StringComparison.Ordinal))
                mailboxes[field[MailboxPrefix.Length..]] = mark;
            else if (field.StartsWith(PollPrefix, StringComparison.Ordinal))
                polls.Add(new ControlRequest(field[PollPrefix.Length..], value.Time, text));
            else if (field.StartsWith(UnparkPrefix, StringComparison.Ordinal))
                unparks.Add(new ControlRequest(field[UnparkPrefix.Length..], value.Time, text));
        }

        return state with { Mailboxes = mailboxes, Polls = polls, Unparks = unparks };
    }
}
