using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using EmailIngestion.DevServers;

namespace EmailIngestion.Load;

/// <summary>Parses the flags.</summary>
internal static class LoadCommand
{
    private const int Interrupted = 130;
    private const int Usage = 2;
    private const int LargeEmails = 1_010;
    private const int LargeBytes = 5_000_000;

    // Workers finish their deliveries, and the run removes its keys.
    private static readonly TimeSpan CleanUp = TimeSpan.FromMinutes(1);

    private static readonly Option<int> Emails = Number("--emails", "How many emails.", 10_000, 1, 10_000_000);
    private static readonly Option<int> Workers = Number("--workers", "How many consumer processes run.", 3, 1, 64);
    private static readonly Option<bool> Json = new("--json")
    {
        Description = "Writes only the result, as JSON, to the standard output.",
    };
    private static readonly Option<int> PayloadBytes = Number("--payload-bytes", "Bytes of one raw message.", 4_096, 256, 50_000_000);
    private static readonly Option<int> BatchSize = Number("--batch-size", "The most entries in one read.", 10, 1, 1_000);
    private static readonly Option<int> Concurrency = Number(
        "--concurrency", "The most emails that a worker processes at a time.", 10, 1, 10_000);
    private static readonly Option<int> Delay = Number(
        "--processor-delay-ms", "How long the processor takes for each email.", 0, 0, 60_000);
    private static readonly Option<string?> Redis = new("--redis")
    {
        Description = "An existing Redis, host:port; the run uses its own keys. Without it the run starts a Redis.",
    };
    private static readonly Option<bool> Large = new("--large")
    {
        Description = "Sends large emails (by default 1,010 of 5 MB, each 101st of 100 MB) through a mail server and a poller of its own, "
            + "with their bodies in a folder, and reports the memory of each process.",
    };
    private static readonly Option<bool> Imap = new("--imap")
    {
        Description = "Sends the emails through a mail server (Dovecot) and the poller.",
    };

    public static async Task<int> InvokeAsync(string[] args)
    {
        var root = new RootCommand(
            "Loads the pipeline and reports rates, latencies, duplicates and losses. Exit code 1 when an email is lost.")
        {
            Emails, Workers, Json, PayloadBytes, BatchSize, Concurrency, Delay, Redis, Imap, Large,
        };
        root.SetAction(RunAsync);
        var parse = root.Parse(args);
        if (parse.Errors is [var error, ..])
        {
            await Console.Error.WriteLineAsync(error.Message);
            return Usage;
        }

        return await parse.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = CleanUp });
    }

    private static async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        var isLarge = parse.GetValue(Large);
        var options = new LoadOptions
        {
            Emails = isLarge && !IsGiven(parse, Emails) ? LargeEmails : parse.GetValue(Emails),
            Workers = parse.GetValue(Workers),
            PayloadBytes = isLarge && !IsGiven(parse, PayloadBytes) ? LargeBytes : parse.GetValue(PayloadBytes),
            BatchSize = parse.GetValue(BatchSize),
            Concurrency = parse.GetValue(Concurrency),
            ProcessorDelayMs = parse.GetValue(Delay),
            Redis = parse.GetValue(Redis),
            Imap = isLarge || parse.GetValue(Imap),
            Large = isLarge,
        };
        try
        {
            var report = await LoadProgress.ShowAsync(options, progress => new LoadRun(options, progress).RunAsync(cancellationToken));
            Console.Out.WriteLine(parse.GetValue(Json) ? LoadReportJson.Write(report) : LoadTable.Write(report));
            return report.IsGood ? 0 : 1;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Stopped.");
            return Interrupted;
        }
        catch (Exception e) when (e is LoadException or ServerStartException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return e is LoadException { IsUsage: false } ? 1 : Usage;
        }
    }

    private static bool IsGiven(ParseResult parse, Option<int> option) => parse.GetResult(option) is { Implicit: false };

    private static Option<int> Number(string name, string description, int otherwise, int least, int most) => new(name)
    {
        Description = $"{description} Default {otherwise}.",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result => Parse(result, name, least, most),
    };

    private static int Parse(ArgumentResult result, string name, int least, int most)
    {
        var text = result.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= least
            && number <= most)
            return number;
        result.AddError($"{name} is '{text}': it must be a whole number from {least} to {most}.");
        return 0;
    }
}
