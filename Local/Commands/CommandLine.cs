using System.CommandLine;
using EmailIngestion.Configuration;
using EmailIngestion.Local.Commands.Operating;
using EmailIngestion.Local.Hosting;

namespace EmailIngestion.Local.Commands;

/// <summary>The commands and their flags. The names of flags are a contract (docs/migration.md).</summary>
internal static class CommandLine
{
    public const int DefaultPort = 7071;

    private static readonly Option<string> Settings = new("--settings")
    {
        Description = "The settings file.",
        DefaultValueFactory = _ => "local.settings.json",
    };

    private static readonly Option<string> Data = new("--data")
    {
        Description = "The folder of the keys, the archive and Local's own Redis.",
        DefaultValueFactory = _ => ".data",
    };

    private static readonly Option<string?> Consumer = new("--consumer") { Description = "The consumer's name, unique in the group." };
    private static readonly Option<int?> BatchSize = new("--batch-size") { Description = "The most entries read at a time (10)." };
    private static readonly Option<int?> BlockTimeout = new("--block-timeout")
    {
        Description = "How long a read waits for entries, in milliseconds (5000).",
    };

    private static readonly Option<int?> Concurrency = new("--concurrency")
    {
        Description = "The most emails in processing at a time (10).",
    };

    private static readonly Option<string?> Username = new("--username")
    {
        Description = "The login name; a configured mailbox with this name gives the other settings.",
    };

    private static readonly Option<string?> Mailbox = new("--mailbox") { Description = "The folder (INBOX)." };
    private static readonly Option<string?> ImapHost = new("--host") { Description = "The IMAP server (imap.gmail.com)." };
    private static readonly Option<double?> Slow = new("--slow")
    {
        Description = "Seconds that each email waits before processing, to see the scaling.",
    };

    private static readonly Option<double?> PollInterval = new("--poll-interval") { Description = "Seconds between polls (60)." };

    /// <param name="args">The arguments of this process.</param>
    /// <param name="console">Where the operating commands write.</param>
    /// <param name="cancellationToken">Stops the command.</param>
    public static async Task<int> InvokeAsync(string[] args, OperatingConsole console, CancellationToken cancellationToken)
    {
        var port = Port("The HTTP port on localhost.", DefaultPort);
        var root = new RootCommand(
            "Email ingestion on this machine: polls, consumes and serves the functions. Without a configured Redis it starts its own.")
        {
            Settings, Data, port, Consumer, BatchSize, BlockTimeout, Concurrency, PollInterval,
        };
        Settings.Recursive = Data.Recursive = true;
        root.SetAction((parse, token) => Serve.RunAsync(Read(parse), parse.GetValue(port), token));

        var consumePort = Port("An HTTP port on localhost for health and status. Default: none.", null);
        var consume = new Command("consume", "Only consumes, beside others on one Redis.")
        {
            Consumer, BatchSize, BlockTimeout, Concurrency, Slow, consumePort,
        };
        consume.SetAction((parse, token) => Consume.RunAsync(Read(parse), parse.GetValue(consumePort), parse.GetValue(Slow), token));

        var pollPort = Port("An HTTP port on localhost for health and status. Default: none.", null);
        var poll = new Command(
            "poll", "Only polls one mailbox, beside others on one Redis. The password comes from the settings or IMAP_PASSWORD.")
        {
            Username, Mailbox, ImapHost, PollInterval, pollPort,
        };
        poll.SetAction((parse, token) => Poll.RunAsync(
            Read(parse), parse.GetValue(Username), parse.GetValue(Mailbox), parse.GetValue(ImapHost), parse.GetValue(pollPort), token));

        var count = new Option<int>("--emails") { Description = "How many emails the demo mailbox holds.", DefaultValueFactory = _ => 300 };
        var demoPort = Port("The HTTP port on localhost.", DefaultPort);
        var demo = new Command(
            "demo", "Runs everything on a demo mailbox in a mail server of its own (Dovecot). Each start makes a new mailbox.")
        {
            count, demoPort,
        };
        demo.SetAction((parse, token) => Demonstrate.RunAsync(Read(parse), parse.GetValue(count), parse.GetValue(demoPort), token));

        root.Subcommands.Add(consume);
        root.Subcommands.Add(poll);
        root.Subcommands.Add(demo);
        root.Subcommands.Add(AutoscaleCommand());
        root.Subcommands.Add(WebhookCommand());
        root.Subcommands.Add(MailboxCommands.SignIn(Read));
        root.Subcommands.Add(MailboxCommands.Probe(Read));
        var operating = new OperatingCommands(console, Data);
        operating.AddTo(root);
        var parse = root.Parse(args);
        // The host handles signals, and Program handles errors.
        var exit = await parse.InvokeAsync(
            new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
                Output = console.Out.Profile.Out.Writer,
                Error = console.Error.Profile.Out.Writer,
            },
            cancellationToken);
        return parse.Errors.Count > 0 && operating.Has(parse.CommandResult) ? OperatingExit.Usage : exit;
    }

    private static Command AutoscaleCommand()
    {
        var file = new Option<string>("--scaled-object")
        {
            Description = "The manifest with the ScaledObject; - for standard input.",
            Required = true,
        };
        var name = new Option<string?>("--name") { Description = "The name of the ScaledObject, if the manifest has several." };
        var least = new Option<int?>("--min") { Description = "Replaces the ScaledObject's minReplicaCount: 0 shows the whole range." };
        var sync = new Option<double>("--sync-period")
        {
            Description = "Seconds between the HPA's decisions.",
            DefaultValueFactory = _ => 15,
        };
        var speed = new Option<double>("--speed")
        {
            Description = "How many times faster the time passes, to see the scaling in minutes.",
            DefaultValueFactory = _ => 1,
        };
        var api = ApiOption.Create(DefaultPort);
        least.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() < 0)
                result.AddError("--min must be 0 or more.");
        });
        sync.Validators.Add(result => Positive(result.GetValueOrDefault<double>(), "--sync-period", result.AddError));
        speed.Validators.Add(result => Positive(result.GetValueOrDefault<double>(), "--speed", result.AddError));
        var autoscale = new Command("autoscale", "Starts and stops consumers on this machine as KEDA and the HPA would for a ScaledObject.")
        {
            file, name, least, sync, speed, api, BatchSize, BlockTimeout, Concurrency, Slow,
        };
        autoscale.SetAction((parse, token) => Autoscale.RunAsync(
            Read(parse),
            new AutoscaleOptions(
                parse.GetValue(file)!,
                parse.GetValue(name),
                parse.GetValue(least),
                TimeSpan.FromSeconds(parse.GetValue(sync)),
                parse.GetValue(speed),
                new Uri(parse.GetValue(api)!),
                ConsumerArguments(parse)),
            token));
        return autoscale;
    }

    private static Command WebhookCommand()
    {
        var name = new Option<string?>("--name")
        {
            Description = "The webhook's name: NAME of Webhooks:NAME. Default: that of section Webhook.",
        };
        var json = new Option<bool>("--json") { Description = "Writes the result as JSON." };
        var test = new Command("test", "Posts a sample email to a webhook and shows the answer. The exit code is 0 after a 2xx answer.")
        {
            name, json,
        };
        test.SetAction((parse, token) => TestWebhook.RunAsync(Read(parse), parse.GetValue(name), parse.GetValue(json), token));
        return new Command("webhook", "Works with the webhooks of the settings.") { test };
    }

    // Only the flags that were given: a consumer reads settings and environment itself.
    private static List<string> ConsumerArguments(ParseResult parse)
    {
        var arguments = new List<string>();
        foreach (var option in new Option[] { Settings, Data, BatchSize, BlockTimeout, Concurrency, Slow })
        {
            if (parse.GetResult(option) is { Implicit: false, Tokens: [var value, ..] })
                arguments.AddRange([option.Name, value.Value]);
        }

        return arguments;
    }

    private static void Positive(double number, string name, Action<string> error)
    {
        if (number is not (> 0 and <= 100_000))
            error($"{name} must be a number above 0.");
    }

    private static Option<int?> Port(string description, int? otherwise) =>
        new("--port") { Description = description, DefaultValueFactory = _ => otherwise };

    private static CommandSettings Read(ParseResult parse)
    {
        var file = parse.GetValue(Settings)!;
        if (parse.GetResult(Settings) is { Implicit: false } && !Path.Exists(file))
            throw new SettingsException($"--settings: {file} does not exist.");
        var settings = LocalSettings.Load(file);
        Set("Consumer:Name", parse.GetValue(Consumer));
        Set("Consumer:BatchSize", parse.GetValue(BatchSize));
        Set("Consumer:Concurrency", parse.GetValue(Concurrency));
        Set("Consumer:BlockTimeout", parse.GetValue(BlockTimeout) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null);
        Set("POLL_SCHEDULE", parse.GetValue(PollInterval) is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
        return new CommandSettings(settings, parse.GetValue(Data)!);

        void Set(string name, object? value)
        {
            if (value is not null)
                settings[name] = Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture);
        }
    }
}
