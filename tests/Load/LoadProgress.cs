using Spectre.Console;

namespace EmailIngestion.Load;

/// <summary>Shows a progress bar on the standard error if that is a terminal.</summary>
internal static class LoadProgress
{
    /// <summary>Runs an action and shows its progress.</summary>
    public static async Task<LoadReport> ShowAsync(LoadOptions options, Func<ILoadProgress, Task<LoadReport>> run)
    {
        if (Console.IsErrorRedirected)
            return await run(new Silent());
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Progress().AutoClear(true).StartAsync(context => run(new Bars(
            context.AddTask("in the stream", maxValue: options.Emails),
            context.AddTask("processed", maxValue: options.Emails))));
    }

    private sealed class Silent : ILoadProgress
    {
        public void Report(long appended, long through)
        {
        }
    }

    private sealed class Bars(ProgressTask appended, ProgressTask processed) : ILoadProgress
    {
        public void Report(long appendedSoFar, long through) => (appended.Value, processed.Value) = (appendedSoFar, through);
    }
}
