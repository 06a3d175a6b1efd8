using System.CommandLine;
using System.Runtime.InteropServices;
using EmailIngestion.Configuration;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary>
/// The commands that operate a running system over HTTP (docs/operating.md). Their names, flags and exit codes are a contract.
/// </summary>
internal sealed class OperatingCommands(OperatingConsole console, Option<string> dataFolder)
{
    private readonly Option<string> _url = new("--url")
    {
        Description = "The address of the system.",
        DefaultValueFactory = _ => $"http://localhost:{CommandLine.DefaultPort}",
        Recursive = true,
    };

    private readonly Option<string?> _key = new("--key")
    {
        Description = $"The key. Other users see it in the process list: prefer {OperatingTarget.KeyVariable} or --key-file.",
        Recursive = true,
    };

    private readonly Option<string?> _keyFile = new("--key-file")
    {
        Description = "A file with the key in its first line. Default: the local keys, for this machine only.",
        Recursive = true,
    };

    private readonly Option<string?> _partition = new("--partition")
    {
        Description = "The partition, where several are served.",
        Recursive = true,
    };

    private readonly Option<bool> _json = new("--json")
    {
        Description = "Writes the server's JSON to standard output, and messages to standard error.",
        Recursive = true,
    };

    /// <summary>Adds all commands.</summary>
    public void AddTo(RootCommand root)
    {
        foreach (var command in Commands())
        {
            foreach (var option in new Option[] { _url, _key, _keyFile, _partition, _json })
                command.Options.Add(option);
            root.Subcommands.Add(command);
        }
    }

    /// <summary>Whether a command, or one above it, is one of these: they report a wrong flag by an exit code of their own.</summary>
    public bool Has(System.CommandLine.Parsing.CommandResult command) =>
        command.Command.Options.Contains(_url)
        || (command.Parent is System.CommandLine.Parsing.CommandResult above && Has(above));

    /// <summary>Makes a command.</summary>
    /// <param name="name">The name.</param>
    /// <param name="description">The text of <c>--help</c>.</param>
    /// <param name="run">Runs it, and returns the exit code.</param>
    public Command Make(string name, string description, Func<OperatingContext, CancellationToken, Task<int>> run)
    {
        var command = new Command(name, description);
        command.SetAction((parse, cancellationToken) => RunAsync(parse, run, cancellationToken));
        return command;
    }

    private IEnumerable<Command> Commands() =>
    [
        StatusCommands.Status(this),
        StatusCommands.Mailboxes(this),
        StatusCommands.Consumers(this),
        DeadLetterCommands.All(this),
        JobCommands.All(this),
        ControlCommands.Pause(this),
        ControlCommands.Resume(this),
        MailboxCommand.PollNow(this),
        ControlCommands.Concurrency(this),
        ControlCommands.Settings(this),
        AuditCommand.All(this),
    ];

    private async Task<int> RunAsync(
        ParseResult parse, Func<OperatingContext, CancellationToken, Task<int>> run, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var exit = OperatingExit.Interrupted;
        using var interrupt = StopOn(PosixSignal.SIGINT, OperatingExit.Interrupted);
        using var terminate = StopOn(PosixSignal.SIGTERM, OperatingExit.Terminated);
        try
        {
            var partition = parse.GetValue(_partition);
            var target = OperatingTarget.Of(
                parse.GetValue(_url)!,
                parse.GetValue(_key),
                parse.GetValue(_keyFile),
                partition,
                parse.GetValue(dataFolder)!,
                console.Environment);
            if (target.SendsKeyInClear)
                console.Say($"The key goes to {target.Api} without encryption: others on the way can read it. Use https.");
            using var client = new OperatingClient(target, console.Timeouts);
            return await run(new OperatingContext(parse, client, console, parse.GetValue(_json), partition), stop.Token);
        }
        catch (OperatingException e)
        {
            console.Say(e.Message);
            return e.Exit;
        }
        catch (Exception e) when (e is SettingsException or StartException)
        {
            console.Say(e.Message);
            return OperatingExit.Usage;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return exit;
        }
        catch (IOException) when (console.IsTerminal is false)
        {
            // The reader of the pipe has ended, as `head` does.
            return OperatingExit.Error;
        }

        // The second signal ends this process at once.
        PosixSignalRegistration StopOn(PosixSignal signal, int code) => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = !stop.IsCancellationRequested;
            exit = code;
            stop.Cancel();
        });
    }
}
