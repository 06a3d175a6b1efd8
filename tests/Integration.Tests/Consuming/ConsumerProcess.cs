using System.Diagnostics;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>A consumer in its own process, as <c>dotnet run --project Local -- consume</c> starts it.</summary>
internal sealed class ConsumerProcess : IDisposable
{
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private ConsumerProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public static ConsumerProcess Start(TestPartition partition, string name, params (string Name, string Value)[] settings) =>
        Start(partition, partition.Settings(), ["consume", "--consumer", name], settings);

    /// <summary>Starts a process that polls the test's INBOX from now on, as <c>dotnet run --project Local -- poll</c> does.</summary>
    public static ConsumerProcess StartPoller(TestPartition partition, params (string Name, string Value)[] settings) =>
        Start(partition, partition.PollingSettings(startFrom: "now"), ["poll"], settings);

    /// <summary>Starts a process that polls the test's INBOX from its beginning, once a second.</summary>
    public static ConsumerProcess StartPoller(TestPartition partition, Action<LocalSettings> change)
    {
        var settings = partition.PollingSettings();
        settings["POLL_SCHEDULE"] = "* * * * * *";
        change(settings);
        return Start(partition, settings, ["poll"], []);
    }

    private static ConsumerProcess Start(
        TestPartition partition, LocalSettings all, string[] command, (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "EmailIngestion.Local.dll"), .. command, "--data", partition.Folder])
        {
            UseShellExecute = false,
            WorkingDirectory = partition.Folder,
        };
        foreach (var (setting, value) in all.Values.Select(setting => (setting.Key, setting.Value)).Concat(settings.Select(
            setting => (setting.Name, (string?)setting.Value))))
            start.Environment[setting.Replace(":", "__", StringComparison.Ordinal)] = value;
        return new ConsumerProcess(Process.Start(start)!);
    }

    /// <summary>Pauses the process with SIGSTOP. Its sockets stay open.</summary>
    public void Pause() => Signal("STOP");

    public void Continue() => Signal("CONT");

    /// <summary>Kills the process with SIGKILL, without any cleanup.</summary>
    public void Kill()
    {
        _process.Kill();
        Assert.True(_process.WaitForExit(AtMost), "it is killed");
    }

    public Task EndAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        Assert.True(kill.WaitForExit(AtMost), "kill ends");
        Assert.Equal(0, kill.ExitCode);
    }
}
