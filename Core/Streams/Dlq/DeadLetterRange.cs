namespace EmailIngestion.Streams.Dlq;

/// <summary>A range of IDs of dead letters, both ends included. It is empty if they are in the wrong order.</summary>
internal readonly record struct DeadLetterRange(EntryPosition First, EntryPosition Last)
{
    private static readonly EntryPosition Highest = new(ulong.MaxValue, ulong.MaxValue);

    /// <summary>What a job has still to decide.</summary>
    /// <param name="filter">What it selects; only its times count.</param>
    /// <param name="after">The last ID that it has decided. Without one, or with another text: none.</param>
    /// <param name="until">The last ID that counts. Without one, or with another text: all do.</param>
    public static DeadLetterRange Of(DeadLetterFilter filter, string after, string until)
    {
        var first = EntryPosition.TryParse(filter.First, out var from) ? from : default;
        var last = EntryPosition.TryParse(filter.Last, out var to) ? to : Highest;
        return new(
            EntryPosition.TryParse(after, out var decided) ? Max(first, Next(decided)) : first,
            EntryPosition.TryParse(until, out var end) ? Min(last, end) : last);
    }

    /// <summary>Whether an ID may be in both.</summary>
    public bool Meets(DeadLetterRange other) => Max(First, other.First).CompareTo(Min(Last, other.Last)) <= 0;

    private static EntryPosition Next(EntryPosition id) =>
        id.Sequence < ulong.MaxValue ? id with { Sequence = id.Sequence + 1 } : new(id.Milliseconds + 1, 0);

    private static EntryPosition Max(EntryPosition one, EntryPosition other) => one.CompareTo(other) > 0 ? one : other;

    private static EntryPosition Min(EntryPosition one, EntryPosition other) => one.CompareTo(other) < 0 ? one : other;
}
