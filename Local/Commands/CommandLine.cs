using System.CommandLine;
using System.CommandLine.Invocation;
using EmailIngestion.Local.Commands.Operating;
using static EmailIngestion.Local.Commands.CommandOptions;

namespace EmailIngestion.Local.Commands;

/// <summary>The commands and their flags. The names of flags are a contract (docs/migration.md).</summary>
internal static class CommandLine
{
    public const int DefaultPort = 7071;

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
        root.Subcommands.Add(AutoscaleCommand.Create());
        root.Subcommands.Add(WebhookCommand.Create());
        root.Subcommands.Add(MailboxCommands.SignIn(Read));
        root.Subcommands.Add(MailboxCommands.Probe(Read));
        var operating = new OperatingCommands(console, Data);
        operating.AddTo(root);
        var parse = root.Parse(args);
        var isUsage = parse.Errors.Count > 0 && operating.Has(parse.CommandResult);
        // The host handles signals, and Program handles errors.
        var exit = await parse.InvokeAsync(
            new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
                // Standard output is for answers. A script that reads it gets no help text in place of one.
                Output = isUsage && !console.IsTerminal && parse.Action is ParseErrorAction ? TextWriter.Null : console.OutText,
                Error = console.ErrorText,
            },
            cancellationToken);
        return isUsage ? OperatingExit.Usage : exit;
    }
}
