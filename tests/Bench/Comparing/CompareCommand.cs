using System.Text.Json;

namespace EmailIngestion.Bench.Comparing;

/// <summary>Compares two versions: two files that <c>--json</c> wrote, or two commits, which it builds and measures.</summary>
internal static class CompareCommand
{
    /// <exception cref="BenchException">A version cannot be read, built or measured.</exception>
    public static async Task<IReadOnlyList<RowChange>> RunAsync(
        string before, string after, BenchOptions options, CancellationToken cancellationToken)
    {
        if (File.Exists(before) && File.Exists(after))
        {
            var (a, b) = (await ReadAsync(before, cancellationToken), await ReadAsync(after, cancellationToken));
            return a.Quick == b.Quick
                ? RowChange.Of([a], [b])
                : throw new BenchException($"{(a.Quick ? before : after)} is a quick run and the other is not: the sizes differ.");
        }

        await using var first = await CommitBench.BuildAsync(before, cancellationToken);
        await using var second = await CommitBench.BuildAsync(after, cancellationToken);
        for (var round = 0; round < options.Rounds; round++)
        {
            // Each is the first one in turn: a machine that becomes faster or slower then favours none.
            foreach (var bench in round % 2 == 0 ? new[] { first, second } : [second, first])
            {
                await Console.Error.WriteLineAsync($"{bench.Commit}, round {round + 1} of {options.Rounds}");
                await bench.RoundAsync(options, cancellationToken);
            }
        }

        return RowChange.Of(first.Reports, second.Reports);
    }

    private static async Task<BenchReport> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return BenchJson.Read(await File.ReadAllTextAsync(file, cancellationToken));
        }
        catch (JsonException e)
        {
            throw new BenchException($"{file} is not the result of a run with --json: {e.Message}");
        }
    }
}
