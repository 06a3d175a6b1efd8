using System.Globalization;
using EmailIngestion.Bench.Sides;

namespace EmailIngestion.Bench.Benches;

/// <summary>Measures the working set and the allocations of a consumer.</summary>
internal sealed class MemoryBench : IBench
{
    private const int Count = 10_000;
    private const int Bytes = 4_096;

    public string Name => "memory";

    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var results = new List<SideResult>();
        for (var round = 0; round < context.Rounds; round++)
        {
            await context.CleanAsync(cancellationToken);
            await using var side = SideProcess.Ours(MemorySide.Name, context.RedisPort, Count, Bytes);
            var result = await side.ResultAsync(cancellationToken);
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {result.WorkingSetMb:0} MB, then {result.LaterWorkingSetMb:0} MB, "
                + $"{result.AllocatedPerEmail:0} bytes allocated for an email"));
            results.Add(result);
        }

        return
        [
            BenchRow.OfBound(Name, "working set, 10,000 of 4 KB", 150, "MB", [.. results.Select(result => result.WorkingSetMb)]),
            BenchRow.OfBound(
                Name, "its growth over 20,000 more", 10, "%",
                [.. results.Select(result => 100 * ((result.LaterWorkingSetMb / result.WorkingSetMb) - 1))]),
            BenchRow.OfBound(
                Name, "allocated for an email", 3, "× payload", [.. results.Select(result => result.AllocatedPerEmail / Bytes)]),
        ];
    }
}
