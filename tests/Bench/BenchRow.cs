namespace EmailIngestion.Bench;

/// <summary>One goal: the product's value, the peer's value, and whether the goal is met.</summary>
internal sealed record BenchRow
{
    public required string Bench { get; init; }

    /// <summary>The name of the measured value.</summary>
    public required string What { get; init; }

    public required string Goal { get; init; }

    public required string Unit { get; init; }

    /// <summary>The median of the rounds. The peer's value is a median too.</summary>
    public required double Ours { get; init; }

    /// <summary>The name of the peer; null when the goal has no peer.</summary>
    public string? PeerName { get; init; }

    public double? Peer { get; init; }

    /// <summary>The product's value divided by the peer's; null when the goal is not a ratio.</summary>
    public double? Ratio { get; init; }

    public required bool Met { get; init; }

    /// <summary>Whether a higher value is the better one.</summary>
    public bool HigherIsBetter => Goal.StartsWith('≥');

    /// <summary>The processor time of an email; null where it is not measured.</summary>
    public SideCost? OursCost { get; init; }

    public SideCost? PeerCost { get; init; }

    /// <summary>The values of all rounds, in order.</summary>
    public IReadOnlyList<double> OursRounds { get; init; } = [];

    public IReadOnlyList<double> PeerRounds { get; init; } = [];

    /// <summary>The largest load average before any round of this row.</summary>
    public double LoadAverage { get; init; }

    /// <summary>The largest share of the machine that other processes used before a round, while the bench was idle.</summary>
    public double OthersBusy { get; init; }

    /// <summary>True when other processes used so much of the machine that the values mean little.</summary>
    public bool IsDisturbed => OthersBusy > 0.15;

    /// <summary>Compares a rate with the peer's rate, and notes what an email cost each; higher is better.</summary>
    public static BenchRow OfRates(
        string bench, string what, double atLeast, string peerName, Measurement ours, Measurement peer) =>
        OfRates(bench, what, atLeast, peerName, "/s", ours.Rates, peer.Rates) with { OursCost = ours.Cost, PeerCost = peer.Cost };

    /// <summary>Compares a rate with the peer's rate; higher is better.</summary>
    public static BenchRow OfRates(
        string bench, string what, double atLeast, string peerName, string unit, IReadOnlyList<double> ours, IReadOnlyList<double> peer) =>
        Of(
            bench, what, FormattableString.Invariant($"≥ {atLeast:0.00} × {peerName}"), unit, ours, peerName, peer,
            Median(ours) / Median(peer) >= atLeast);

    /// <summary>Compares a value with a bound, and with the peer's value where there is a peer; lower is better.</summary>
    public static BenchRow OfBound(
        string bench, string what, double atMost, string unit, IReadOnlyList<double> ours, string? peerName = null,
        IReadOnlyList<double>? peer = null) =>
        Of(
            bench, what, FormattableString.Invariant($"≤ {atMost:0.##} {unit}{(peerName is null ? "" : $", ≤ {peerName}")}"), unit, ours,
            peerName, peer, Median(ours) <= atMost && (peer is null || Median(ours) <= Median(peer)));

    /// <summary>Compares a value with a multiple of the peer's value; lower is better.</summary>
    public static BenchRow OfShare(
        string bench, string what, double atMost, string peerName, string unit, IReadOnlyList<double> ours, IReadOnlyList<double> peer) =>
        Of(
            bench, what, FormattableString.Invariant($"≤ {atMost:0.00} × {peerName}"), unit, ours, peerName, peer,
            Median(ours) / Median(peer) <= atMost);

    /// <summary>Compares a value with the peer's, which it may exceed by a bound; lower is better.</summary>
    public static BenchRow OfDifference(
        string bench, string what, double atMostMore, string peerName, string unit, IReadOnlyList<double> ours,
        IReadOnlyList<double> peer) =>
        Of(
            bench, what, FormattableString.Invariant($"≤ {peerName} + {atMostMore:0.##} {unit}"), unit, ours, peerName, peer,
            Median(ours) <= Median(peer) + atMostMore);

    public static double Median(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        var middle = sorted.Length / 2;
        return sorted.Length == 0 ? double.NaN : sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static BenchRow Of(
        string bench, string what, string goal, string unit, IReadOnlyList<double> ours, string? peerName, IReadOnlyList<double>? peer,
        bool met) => new()
        {
            Bench = bench,
            What = what,
            Goal = goal,
            Unit = unit,
            Ours = Median(ours),
            PeerName = peerName,
            Peer = peer is null ? null : Median(peer),
            Ratio = peer is null ? null : Median(ours) / Median(peer),
            Met = met,
            OursRounds = ours,
            PeerRounds = peer ?? [],
        };
}
