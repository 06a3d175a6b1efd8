using Spectre.Console;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary>Where a command writes and asks. Tests replace it.</summary>
internal sealed class OperatingConsole
{
    // A table in a file or a pipe is not cut to the width of a terminal.
    private const int WidthOfFiles = 160;

    /// <summary>Standard output for lines of text.</summary>
    public required TextWriter OutText { get; init; }

    /// <summary>Standard error for lines of text.</summary>
    public required TextWriter ErrorText { get; init; }

    /// <summary>Makes the console that shows tables and progress on one of the two.</summary>
    public required Func<TextWriter, IAnsiConsole> Make { get; init; }

    /// <summary>
    /// Standard output: tables, or the server's JSON. It is made when a command first uses it, because most commands do not.
    /// </summary>
    public IAnsiConsole Out => field ??= Make(OutText);

    /// <summary>Standard error: messages, questions and progress. It is made when a command first uses it.</summary>
    public IAnsiConsole Error => field ??= Make(ErrorText);

    /// <summary>Standard input, for confirmations.</summary>
    public required TextReader Input { get; init; }

    /// <summary>Opens standard output for bytes.</summary>
    public required Func<Stream> OpenOutput { get; init; }

    /// <summary>Whether a person can answer a question.</summary>
    public required bool CanAsk { get; init; }

    /// <summary>Whether standard output is a terminal, which obeys escape sequences.</summary>
    public required bool IsTerminal { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public OperatingTimeouts Timeouts { get; init; } = OperatingTimeouts.Default;

    /// <summary>Reads an environment variable.</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    /// <summary>The streams of this process. Colours end with NO_COLOR and without a terminal.</summary>
    public static OperatingConsole OfProcess() => new()
    {
        OutText = Console.Out,
        ErrorText = Console.Error,
        Make = writer => Create(writer, writer == Console.Error ? Console.IsErrorRedirected : Console.IsOutputRedirected),
        Input = Console.In,
        OpenOutput = Console.OpenStandardOutput,
        CanAsk = !Console.IsInputRedirected && !Console.IsErrorRedirected,
        IsTerminal = !Console.IsOutputRedirected,
    };

    /// <summary>Writes one line to standard error, which only the terminal wraps.</summary>
    public void Say(string line)
    {
        ErrorText.WriteLine(ShownText.Clean(line, ShownText.MaxMessage));
        ErrorText.Flush();
    }

    private static IAnsiConsole Create(TextWriter writer, bool isRedirected)
    {
        var settings = new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) };
        if (isRedirected)
        {
            settings.Ansi = AnsiSupport.No;
            settings.ColorSystem = ColorSystemSupport.NoColors;
            settings.Interactive = InteractionSupport.No;
        }

        var console = AnsiConsole.Create(settings);
        if (isRedirected)
            console.Profile.Width = WidthOfFiles;
        return console;
    }
}
