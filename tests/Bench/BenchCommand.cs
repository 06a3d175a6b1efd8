using System.CommandLine;
using EmailIngestion.Bench.Benches;
using EmailIngestion.DevServers;
using EmailIngestion.Load;

namespace EmailIngestion.Bench;

/// <summary>Runs the benches by name, or all of them.</summary>
internal static class BenchCommand
{
    private const int Usage = 2;

    private static readonly IBench[] All = [
        new AppendBench(), new ImapBench(), new ConsumeBench(), new ProcessorsBench(), new LatencyBench(), new WorkersBench(),
        new MemoryBench(), new BacklogBench(), new DeadLettersBench(), new WatchBench(), new MailboxesBench(),
    ];

    public static async Task<int> InvokeAsync(string[] args)
    {
        var names = new Argument<string[]>("names")
        {
            Description = $"The benches to run: {string.Join(", ", All.Select(bench => bench.Name))}. Default all.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var rounds = new Option<int>("--rounds")
        {
            Description = "How often each side runs, in turn. The median counts.",
            DefaultValueFactory = _ => 3,
        };
        var json = new Option<bool>("--json") { Description = "Writes only the rows, as JSON, to the standard output." };
        names.AcceptOnlyFromAmong([.. All.Select(bench => bench.Name)]);
        rounds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 100)
                result.AddError("--rounds must be a number from 1 to 100.");
        });
        const string Description = "Measures the product and its peers in turn on the same servers. The goals are in docs/performance.md.";
        var root = new RootCommand(Description) { names, rounds, json };
        root.SetAction((parse, token) => RunAsync(parse.GetValue(names)!, parse.GetValue(rounds), parse.GetValue(json), token));
        var parse = root.Parse(args);
        if (parse.Errors is not [var error, ..])
            return await parse.InvokeAsync();
        await Console.Error.WriteLineAsync(error.Message);
        return Usage;
    }

    private static async Task<int> RunAsync(string[] names, int rounds, bool json, CancellationToken cancellationToken)
    {
        var rows = new List<BenchRow>();
        try
        {
            await using var redis = await RedisProcess.StartAsync(new RedisProcessOptions(), TimeProvider.System, cancellationToken);
            var context = new BenchContext(redis, rounds, new Peers());
            foreach (var bench in All.Where(bench => names.Length == 0 || names.Contains(bench.Name)))
            {
                await Console.Error.WriteLineAsync(bench.Name);
                context.Begin();
                rows.AddRange((await bench.RunAsync(context, cancellationToken))
                    .Select(row => row with { LoadAverage = context.LoadAverage, OthersBusy = context.OthersBusy }));
            }
        }
        catch (Exception e) when (e is BenchException or LoadException or ServerStartException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }

        Console.Out.WriteLine(json ? BenchJson.Write(rows) : BenchTable.Write(rows));
        return 0;
    }
}
