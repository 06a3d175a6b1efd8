using System.Collections.Concurrent;
using System.Diagnostics;
using EmailIngestion.Functions.Tests.Hosting;

namespace EmailIngestion.Functions.Tests.Worker;

/// <summary>Starts the built Functions app as a host does, and collects its output.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private WorkerProcess(Process process) => _process = process;

    /// <summary>The folder of the built app, which a host calls the script root.</summary>
    public static string ScriptRoot { get; } = Path.Combine(
        Repository.Root,
        "Functions",
        "bin",
        Path.GetRelativePath(Path.Combine(AppContext.BaseDirectory, "..", ".."), AppContext.BaseDirectory));

    /// <summary>The lines on both outputs.</summary>
    public ConcurrentQueue<string> Lines { get; } = new();

    /// <param name="arguments">The host's arguments.</param>
    /// <param name="settings">Settings by name, with colons.</param>
    /// <param name="scriptRoot">The app's folder according to the host; null for the real one.</param>
    public static WorkerProcess Start(
        IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> settings, string? scriptRoot = null)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(ScriptRoot, "EmailIngestion.Functions.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = ScriptRoot,
        };
        start.Environment["FUNCTIONS_APPLICATION_DIRECTORY"] = scriptRoot ?? ScriptRoot;
        start.Environment["FUNCTIONS_WORKER_RUNTIME"] = "dotnet-isolated";
        foreach (var (name, value) in settings)
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        var worker = new WorkerProcess(new Process { StartInfo = start });
        worker._process.OutputDataReceived += worker.Take;
        worker._process.ErrorDataReceived += worker.Take;
        worker._process.Start();
        worker._process.BeginOutputReadLine();
        worker._process.BeginErrorReadLine();
        return worker;
    }

    /// <summary>Waits for the end of the process. Returns the exit code.</summary>
    public async Task<int> EndAsync(TimeSpan within)
    {
        using var deadline = new CancellationTokenSource(within, TimeProvider.System);
        await _process.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Take(object sender, DataReceivedEventArgs line)
    {
        if (!string.IsNullOrEmpty(line.Data))
            Lines.Enqueue(line.Data);
    }
}
