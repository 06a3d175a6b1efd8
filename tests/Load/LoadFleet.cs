using System.Globalization;
using EmailIngestion.DevServers;

namespace EmailIngestion.Load;

/// <summary>The consumer processes of a run.</summary>
internal sealed class LoadFleet : IAsyncDisposable
{
    /// <summary>How long a process may take to stop.</summary>
    public static readonly TimeSpan StopsWithin = TimeSpan.FromSeconds(40);

    private readonly List<(ServerProcess Process, string File)> _workers = [];

    public LoadFleet(int count, string folder, IReadOnlyDictionary<string, string> settings)
    {
        for (var number = 1; number <= count; number++)
        {
            var file = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"worker-{number}"));
            _workers.Add((Start(settings, file), file));
        }
    }

    /// <summary>The processes.</summary>
    public IEnumerable<int> ProcessIds => _workers.Select(worker => worker.Process.Id);

    /// <summary>Starts one process with these settings.</summary>
    /// <remarks>It has its own process group: Ctrl-C reaches the run, which stops it.</remarks>
    public static ServerProcess Start(IReadOnlyDictionary<string, string> settings, string file)
    {
        var environment = settings.Select(setting => $"{setting.Key.Replace(":", "__", StringComparison.Ordinal)}={setting.Value}");
        return ServerProcess.Start(
            "/usr/bin/env",
            [.. environment, "dotnet", Path.Combine(AppContext.BaseDirectory, "EmailIngestion.Load.dll"), LoadWorker.Command, file],
            TimeProvider.System);
    }

    /// <exception cref="LoadException">A worker ended unexpectedly.</exception>
    public void Check()
    {
        foreach (var (process, _) in _workers)
        {
            if (process.HasExited)
                throw new LoadException($"A worker ended unexpectedly. Its last output: {process.LastOutput}");
        }
    }

    /// <summary>Stops the workers and returns their measurements.</summary>
    public async Task<LoadSamples> StopAsync()
    {
        await Task.WhenAll(_workers.Select(worker => worker.Process.StopAsync(StopsWithin)));
        var samples = new LoadSamples();
        foreach (var (process, file) in _workers)
        {
            if (!File.Exists(file))
                throw new LoadException($"A worker ended without its measurements. Its last output: {process.LastOutput}");
            samples.Read(file);
        }

        return samples;
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_workers.Select(worker => worker.Process.StopAsync(StopsWithin)));
        foreach (var (process, _) in _workers)
            await process.DisposeAsync();
    }
}
