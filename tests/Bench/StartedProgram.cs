using System.Diagnostics;

namespace EmailIngestion.Bench;

/// <summary>A .NET program in a process of its own, and the time since its start.</summary>
internal sealed class StartedProgram : IAsyncDisposable
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly Process _process;

    public StartedProgram(string assembly, string folder, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("dotnet", [assembly, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.BeginErrorReadLine();
    }

    /// <summary>The time since the start, in ms.</summary>
    public double Elapsed => Stopwatch.GetElapsedTime(_started).TotalMilliseconds;

    /// <summary>The processor time since the start, in ms.</summary>
    public double Processor
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime.TotalMilliseconds;
        }
    }

    public bool HasExited => _process.HasExited;

    /// <summary>Reads its first line.</summary>
    public Task<string?> LineAsync(CancellationToken cancellationToken) =>
        _process.StandardOutput.ReadLineAsync(cancellationToken).AsTask();

    /// <summary>Reads its output and drops it, so that it does not wait.</summary>
    public void DropOutput() => _process.BeginOutputReadLine();

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
