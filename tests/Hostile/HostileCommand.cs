using System.CommandLine;
using EmailIngestion.Hostile.Entries;
using EmailIngestion.Hostile.Mails;
using EmailIngestion.Hostile.Scripts;
using EmailIngestion.Hostile.Servers;

namespace EmailIngestion.Hostile;

/// <summary>The command line: <c>--part</c>, <c>--seed</c>, <c>--quick</c>.</summary>
internal static class HostileCommand
{
    private static IReadOnlyList<IPart> Parts => [new MailPart(), new ServerPart(), new EntryPart(), new ScriptPart()];

    /// <summary>Runs the chosen parts and prints the table. Returns 1 when a bound is broken.</summary>
    public static Task<int> InvokeAsync(string[] args)
    {
        var part = new Option<string?>("--part") { Description = $"Runs one part: {string.Join(", ", Parts.Select(one => one.Name))}." };
        var seed = new Option<int>("--seed") { Description = "What the generators start from.", DefaultValueFactory = _ => 1 };
        var quick = new Option<bool>("--quick") { Description = "A short run of each kind, as in the gate." };
        var root = new RootCommand(
            "Attacks the product with hostile mail, mail servers, entries and failing scripts, and reports what each costs.")
        {
            part, seed, quick,
        };
        root.SetAction((parsed, token) =>
            RunAsync(new HostileOptions(parsed.GetValue(seed), parsed.GetValue(quick), parsed.GetValue(part)), Console.Out, token));
        return root.Parse(args).InvokeAsync();
    }

    internal static async Task<int> RunAsync(HostileOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        var parts = Parts.Where(part => options.Part is null || part.Name == options.Part).ToArray();
        if (parts.Length == 0)
        {
            await output.WriteLineAsync(
                $"--part is '{options.Part}': it must be one of {string.Join(", ", Parts.Select(part => part.Name))}.");
            return 1;
        }

        var results = new List<ScenarioResult>();
        foreach (var part in parts)
        {
            await foreach (var result in part.RunAsync(options, cancellationToken))
                results.Add(result);
        }

        await output.WriteAsync(ScenarioTable.Write(results));
        var broken = results.Count(result => result.Broken is not null);
        await output.WriteLineAsync(
            $"{results.Count} scenarios, seed {options.Seed}: {(broken == 0 ? "every bound held" : $"{broken} bounds broken")}.");
        return broken == 0 ? 0 : 1;
    }
}
