using EmailIngestion.DevServers;

namespace EmailIngestion.Faults;

/// <summary>One of the product's processes, as <c>dotnet run --project Local</c> starts it. It keeps its name over all restarts.</summary>
internal sealed class WorkerProcess(
    string name, string folder, string[] arguments, IReadOnlyDictionary<string, string> settings) : IAsyncDisposable
{
    /// <summary>The log line, one for each partition, of a consumer that has its name and reads.</summary>
    public const string Reads = " reads email_ingestion_stream";

    /// <summary>The log line that says why the process ends.</summary>
    public const string NameTaken = "was taken over by another process";

    private const string Life = "--- life ";

    private static readonly TimeSpan StopsWithin = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private ServerProcess? _process;
    private int _lives;

    public string Name => name;

    public string LogFile => Path.Combine(folder, $"{name}.log");

    /// <summary>True when the process has ended or was killed.</summary>
    public bool HasEnded
    {
        get
        {
            lock (_gate)
                return _process is not { HasExited: false };
        }
    }

    /// <summary>Counts the log lines since the last start that contain the text.</summary>
    public int Count(string text)
    {
        var count = 0;
        foreach (var line in File.Exists(LogFile) ? File.ReadLines(LogFile) : [])
            count = line.StartsWith(Life, StringComparison.Ordinal) ? 0 : count + (line.Contains(text, StringComparison.Ordinal) ? 1 : 0);
        return count;
    }

    public string LastLine => File.Exists(LogFile) ? File.ReadLines(LogFile).LastOrDefault("") : "";

    public int? ProcessId
    {
        get
        {
            lock (_gate)
                return _process?.Id;
        }
    }

    /// <summary>Starts the process unless it runs.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_process is { HasExited: false })
                return;
            File.AppendAllText(LogFile, $"{Life}{++_lives}{Environment.NewLine}");
            // A shell opens the log for appending and replaces itself with the process, so that the log survives a kill.
            _process = ServerProcess.Start(
                "/usr/bin/env",
                [
                    $"LOG={LogFile}",
                    .. settings.Select(setting => $"{setting.Key.Replace(":", "__", StringComparison.Ordinal)}={setting.Value}"),
                    "/bin/sh", "-c", "exec \"$@\" >>\"$LOG\" 2>&1", "sh",
                    "dotnet", Path.Combine(AppContext.BaseDirectory, "EmailIngestion.Local.dll"), .. arguments, "--data", folder,
                ],
                TimeProvider.System);
        }
    }

    /// <summary>Kills the process with SIGKILL.</summary>
    public async Task KillAsync()
    {
        if (Taken() is not { } process)
            return;
        process.Kill();
        await process.DisposeAsync();
    }

    /// <summary>Sends SIGTERM and waits for the end.</summary>
    public async Task TerminateAsync()
    {
        if (Taken() is not { } process)
            return;
        await process.StopAsync(StopsWithin);
        await process.DisposeAsync();
    }

    public void Pause()
    {
        lock (_gate)
            _process?.Pause();
    }

    public void Resume()
    {
        lock (_gate)
            _process?.Resume();
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    private ServerProcess? Taken()
    {
        lock (_gate)
        {
            var process = _process;
            _process = null;
            return process;
        }
    }
}
