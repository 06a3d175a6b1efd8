using EmailIngestion.DevServers;

namespace EmailIngestion.Faults;

/// <summary>One of the product's processes, as <c>dotnet run --project Local</c> starts them, under one name through all its lives.</summary>
internal sealed class WorkerProcess(string name, string folder, string[] arguments, IReadOnlyDictionary<string, string> settings) : IAsyncDisposable
{
    /// <summary>A line of the log, one for each partition: it has its name and reads.</summary>
    public const string Reads = " reads email_ingestion_stream";

    /// <summary>A line of the log: why it ends.</summary>
    public const string NameTaken = "was taken over by another process";

    private const string Life = "--- life ";

    private static readonly TimeSpan StopsWithin = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private ServerProcess? _process;
    private int _lives;

    public string Name => name;

    public string LogFile => Path.Combine(folder, $"{name}.log");

    /// <summary>It runs no more, by itself or killed.</summary>
    public bool HasEnded
    {
        get
        {
            lock (_gate)
                return _process is not { HasExited: false };
        }
    }

    /// <summary>How many lines of its log have this in them, in its present life.</summary>
    public int Count(string text)
    {
        var count = 0;
        foreach (var line in File.Exists(LogFile) ? File.ReadLines(LogFile) : [])
            count = line.StartsWith(Life, StringComparison.Ordinal) ? 0 : count + (line.Contains(text, StringComparison.Ordinal) ? 1 : 0);
        return count;
    }

    public int? ProcessId
    {
        get
        {
            lock (_gate)
                return _process?.Id;
        }
    }

    /// <summary>Starts it, unless it runs.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_process is { HasExited: false })
                return;
            File.AppendAllText(LogFile, $"{Life}{++_lives}{Environment.NewLine}");
            // By a shell, which appends to the log whatever becomes of the process, and is replaced by it.
            _process = ServerProcess.Start(
                "/usr/bin/env",
                [
                    $"LOG={LogFile}", .. settings.Select(setting => $"{setting.Key.Replace(":", "__", StringComparison.Ordinal)}={setting.Value}"),
                    "/bin/sh", "-c", "exec \"$@\" >>\"$LOG\" 2>&1", "sh",
                    "dotnet", Path.Combine(AppContext.BaseDirectory, "EmailIngestion.Local.dll"), .. arguments, "--data", folder,
                ],
                TimeProvider.System);
        }
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        if (Taken() is not { } process)
            return;
        process.Kill();
        await process.DisposeAsync();
    }

    /// <summary>SIGTERM, and its end.</summary>
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
