using System.Collections.Concurrent;
using System.Diagnostics;

namespace EmailIngestion.Functions.Tests.Worker;

/// <summary>A built app as a Functions host starts it, and the lines that it writes.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private WorkerProcess(Process process) => _process = process;

    /// <summary>The lines on both outputs.</summary>
    public ConcurrentQueue<string> Lines { get; } = new();

    /// <param name="arguments">The host's arguments.</param>
    /// <param name="settings">Settings by name, with colons.</param>
    /// <param name="app">The app; null for Functions.</param>
    /// <param name="scriptRoot">The app's folder as the host reports it; null for the real one.</param>
    public static WorkerProcess Start(
        IEnumerable<string> arguments,
        IEnumerable<(string Name, string Value)> settings,
        WorkerApp? app = null,
        string? scriptRoot = null)
    {
        app ??= WorkerApp.Functions;
        var start = new ProcessStartInfo("dotnet", [app.Assembly, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = app.ScriptRoot,
        };
        start.Environment["FUNCTIONS_APPLICATION_DIRECTORY"] = scriptRoot ?? app.ScriptRoot;
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
