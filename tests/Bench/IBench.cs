namespace EmailIngestion.Bench;

/// <summary>Measures one goal or several.</summary>
internal interface IBench
{
    string Name { get; }

    Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken);
}
