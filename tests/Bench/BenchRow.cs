namespace EmailIngestion.Bench;

/// <summary>One goal: ours, the peer, and whether it is met.</summary>
internal sealed record BenchRow
{
    public required string Bench { get; init; }

    /// <summary>What is measured.</summary>
    public required string What { get; init; }

    public required string Goal { get; init; }

    public required string Unit { get; init; }

    /// <summary>The median of the rounds, as is the peer's.</summary>
    public required double Ours { get; init; }

    /// <summary>Beside whom; null when the goal stands by itself.</summary>
    public string? PeerName { get; init; }

    public double? Peer { get; init; }

    /// <summary>Ours to the peer's; null when the goal is no ratio.</summary>
    public double? Ratio { get; init; }

    public required bool Met { get; init; }

    /// <summary>Every round, in order.</summary>
    public IReadOnlyList<double> OursRounds { get; init; } = [];

    public IReadOnlyList<double> PeerRounds { get; init; } = [];

    /// <summary>The largest load average before a round of this row.</summary>
    public double LoadAverage { get; init; }

    /// <summary>The largest part of the machine that others used before a round, while nothing of ours ran.</summary>
    public double OthersBusy { get; init; }

    /// <summary>Others used so much of the machine that this says little.</summary>
    public bool IsDisturbed => OthersBusy > 0.15;

    /// <summary>A rate of ours against a peer's, higher being better.</summary>
    public static BenchRow OfRates(string bench, string what, double atLeast, string peerName, string unit, IReadOnlyList<double> ours, IReadOnlyList<double> peer)
    {
        var ratio = Median(ours) / Median(peer);
        return new BenchRow
        {
            Bench = bench,
            What = what,
            Goal = FormattableString.Invariant($"≥ {atLeast:0.00} × {peerName}"),
            Unit = unit,
            Ours = Median(ours),
            PeerName = peerName,
            Peer = Median(peer),
            Ratio = ratio,
            Met = ratio >= atLeast,
            OursRounds = ours,
            PeerRounds = peer,
        };
    }

    /// <summary>A value of ours against a bound, and where there is one against a peer's too; lower is better.</summary>
    public static BenchRow OfBound(
        string bench, string what, double atMost, string unit, IReadOnlyList<double> ours, string? peerName = null, IReadOnlyList<double>? peer = null) => new()
        {
            Bench = bench,
            What = what,
            Goal = FormattableString.Invariant($"≤ {atMost:0.##} {unit}{(peerName is null ? "" : $", ≤ {peerName}")}"),
            Unit = unit,
            Ours = Median(ours),
            PeerName = peerName,
            Peer = peer is null ? null : Median(peer),
            Ratio = peer is null ? null : Median(ours) / Median(peer),
            Met = Median(ours) <= atMost && (peer is null || Median(ours) <= Median(peer)),
            OursRounds = ours,
            PeerRounds = peer ?? [],
        };

    public static double Median(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        var middle = sorted.Length / 2;
        return sorted.Length == 0 ? double.NaN : sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
