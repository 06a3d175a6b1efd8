using EmailIngestion.Local.Commands;
using EmailIngestion.Local.Commands.Operating;
using Spectre.Console;
using Xunit;

namespace EmailIngestion.Functions.Tests.Terminal;

/// <summary>One run of a command in a terminal of a given width, without colours.</summary>
internal sealed class TerminalRun : IDisposable
{
    private readonly SynchronizedWriter _out = new();
    private readonly SynchronizedWriter _error = new();
    private readonly MemoryStream _bytes = new();

    /// <summary>The width of the terminal.</summary>
    public int Width { get; init; } = 80;

    /// <summary>What the person types; null where nobody can be asked.</summary>
    public string? Typed { get; init; }

    public bool IsTerminal { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public OperatingTimeouts Timeouts { get; init; } = OperatingTimeouts.Default;

    public Dictionary<string, string> Environment { get; init; } = [];

    public string Out => _out.ToString();

    public string Error => _error.ToString();

    public byte[] Bytes => _bytes.ToArray();

    /// <summary>Runs the command, and returns the exit code.</summary>
    public Task<int> RunAsync(params string[] args) => RunAsync(TestContext.Current.CancellationToken, args);

    /// <summary>Runs the command until it ends or is cancelled.</summary>
    public Task<int> RunAsync(CancellationToken cancellationToken, params string[] args) => CommandLine.InvokeAsync(
        args,
        new OperatingConsole
        {
            OutText = _out,
            ErrorText = _error,
            Make = Console,
            Input = new StringReader(Typed ?? ""),
            OpenOutput = () => _bytes,
            CanAsk = Typed is not null,
            IsTerminal = IsTerminal,
            Time = Time,
            Timeouts = Timeouts,
            Environment = name => Environment.GetValueOrDefault(name),
        },
        cancellationToken);

    public void Dispose()
    {
        _out.Dispose();
        _error.Dispose();
        _bytes.Dispose();
    }

    private IAnsiConsole Console(TextWriter writer)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = Width;
        console.Profile.Capabilities.Unicode = true;
        return console;
    }
}
