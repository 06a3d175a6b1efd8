using System.CommandLine;

namespace EmailIngestion.Corpus;

/// <summary>The command line: a folder, <c>--kind</c>, <c>--examples</c>.</summary>
internal static class CorpusCommand
{
    /// <summary>Compares every email of the folder. Returns 1 when a named part or an inline text is missing.</summary>
    public static Task<int> InvokeAsync(string[] args)
    {
        var folder = new Argument<DirectoryInfo>("folder") { Description = "A folder of messages, mbox files or a Maildir." };
        var kind = new Option<string?>("--kind") { Description = "Lists every difference of one kind." };
        var examples = new Option<int>("--examples") { Description = "How many of each kind are shown.", DefaultValueFactory = _ => 3 };
        var root = new RootCommand(
            "Converts every email of a folder, compares the result with two other parsers (mailparser and postal-mime, from npm), and "
            + "lists the differences by kind.")
        {
            folder, kind, examples,
        };
        root.SetAction(async (parsed, token) =>
        {
            var only = parsed.GetValue(kind);
            var report = new CorpusReport(only, only is null ? parsed.GetValue(examples) : int.MaxValue);
            await RunAsync(parsed.GetRequiredValue(folder).FullName, report, token);
            await Console.Out.WriteAsync(report.Write());
            return report.IsGood ? 0 : 1;
        });
        return root.Parse(args).InvokeAsync();
    }

    private static async Task RunAsync(string folder, CorpusReport report, CancellationToken cancellationToken)
    {
        await using var peers = await PeerParsers.StartAsync(cancellationToken);
        foreach (var (name, raw) in CorpusMail.Read(folder))
        {
            var ours = CorpusMail.Convert(raw);
            var theirs = await peers.ParseAsync(raw, cancellationToken);
            report.Add(name, ours, theirs);
        }
    }
}
