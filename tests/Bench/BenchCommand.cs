using System.CommandLine;
using EmailIngestion.Bench.Benches;
using EmailIngestion.Bench.Comparing;
using EmailIngestion.DevServers;
using EmailIngestion.Load;

namespace EmailIngestion.Bench;

/// <summary>Runs the benches by name, or all of them.</summary>
internal static class BenchCommand
{
    private const int Usage = 2;

    private const int DefaultRounds = 3;

    // In their order. The second group takes longer than a developer wants to wait, and is not quick.
    private static readonly IBench[] Short = [
        new AppendBench(), new ImapBench(), new ConsumeBench(), new ProcessorsBench(), new LatencyBench(), new StartupBench(),
        new MemoryBench(),
    ];

    private static readonly IBench[] Long = [
        new WorkersBench(), new BacklogBench(), new GrowthBench(), new LargeBench(), new DeadLettersBench(), new WatchBench(),
        new MailboxesBench(),
    ];

    private static IEnumerable<IBench> All => [.. Short, .. Long];

    public static async Task<int> InvokeAsync(string[] args)
    {
        var names = new Argument<string[]>("names")
        {
            Description = $"The benches to run: {string.Join(", ", All.Select(bench => bench.Name))}. Default all.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var rounds = new Option<int?>("--rounds")
        {
            Description = $"How often each side runs, in turn. The median counts. Default {DefaultRounds}, with --quick 1.",
        };
        var quick = new Option<bool>("--quick") { Description = "Fewer emails, and without names only the benches that are short." };
        var json = new Option<bool>("--json") { Description = "Writes only the result, as JSON, to the standard output." };
        names.AcceptOnlyFromAmong([.. All.Select(bench => bench.Name)]);
        rounds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1 or > 100)
                result.AddError("--rounds must be a number from 1 to 100.");
        });
        const string Description = "Measures the product and its peers in turn on the same servers. The goals are in docs/performance.md.";
        var root = new RootCommand(Description) { names, rounds, quick, json };
        root.SetAction((parse, token) => GuardAsync(() => RunAsync(Options(parse), token)));
        var before = new Argument<string>("A") { Description = "A commit, or a file that --json wrote." };
        var after = new Argument<string>("B") { Description = "The same for the version to compare with it." };
        var compare = new Command("compare", "Compares two versions. Commits are built and measured in turn; --rounds is for each.")
        {
            before, after, names, rounds, quick,
        };
        compare.SetAction((parse, token) => GuardAsync(async () => Console.Out.WriteLine(ChangeTable.Write(
            await CompareCommand.RunAsync(parse.GetValue(before)!, parse.GetValue(after)!, Options(parse), token)))));
        root.Add(compare);
        var parse = root.Parse(args);
        if (parse.Errors is not [var error, ..])
            return await parse.InvokeAsync();
        await Console.Error.WriteLineAsync(error.Message);
        return Usage;

        BenchOptions Options(ParseResult parse) => new()
        {
            Names = parse.GetValue(names)!,
            Rounds = parse.GetValue(rounds) ?? (parse.GetValue(quick) ? 1 : DefaultRounds),
            Quick = parse.GetValue(quick),
            Json = parse.GetValue(json),
        };
    }

    private static async Task<int> GuardAsync(Func<Task> run)
    {
        try
        {
            await run();
            return 0;
        }
        catch (Exception e) when (e is BenchException or LoadException or ServerStartException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    private static async Task RunAsync(BenchOptions options, CancellationToken cancellationToken)
    {
        var rows = new List<BenchRow>();
        await using var redis = await BenchRedis.StartAsync(cancellationToken);
        var context = new BenchContext(redis, options, new Peers());
        foreach (var bench in Chosen(options))
        {
            await Console.Error.WriteLineAsync(bench.Name);
            context.Begin();
            rows.AddRange((await bench.RunAsync(context, cancellationToken))
                .Select(row => row with { LoadAverage = context.LoadAverage, OthersBusy = context.OthersBusy }));
        }

        var report = BenchReport.Of(options, rows);
        Console.Out.WriteLine(options.Json ? BenchJson.Write(report) : BenchTable.Write(report));
    }

    private static IEnumerable<IBench> Chosen(BenchOptions options) => options.Names.Count > 0
        ? All.Where(bench => options.Names.Contains(bench.Name))
        : options.Quick ? Short : All;
}
