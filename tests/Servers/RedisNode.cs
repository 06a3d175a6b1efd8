using System.Globalization;
using EmailIngestion.DevServers;

namespace EmailIngestion.Servers;

/// <summary>
/// One Redis of several. It keeps its port and its data through a crash and a restart. Its append-only file is synced at each write, so a
/// failover can lose only writes that were not replicated.
/// </summary>
internal sealed class RedisNode : IAsyncDisposable
{
    private readonly RedisProcessOptions options;
    private readonly ServerFolder folder;
    private readonly TimeProvider time;
    private RedisProcess process;
    private bool paused;

    private RedisNode(RedisProcess process, RedisProcessOptions options, ServerFolder folder, TimeProvider time) =>
        (this.process, this.options, this.folder, this.time) = (process, options, folder, time);

    public int Port => process.Port;

    public string Address => $"127.0.0.1:{Port.ToString(CultureInfo.InvariantCulture)}";

    public bool IsRunning { get; private set; } = true;

    /// <summary>Whether it answers: it is neither killed nor paused.</summary>
    public bool Answers => IsRunning && !paused;

    public static async Task<RedisNode> StartAsync(IReadOnlyList<string> arguments, TimeProvider time, CancellationToken ct)
    {
        var folder = new ServerFolder(null, "redis-");
        var options = new RedisProcessOptions
        {
            DataFolder = folder.FullPath,
            AppendOnly = true,
            // Replication starts without the default delay of five seconds, and a dead peer is noticed quickly.
            ExtraArguments =
            [
                "--appendfsync", "always", "--repl-diskless-sync-delay", "0", "--repl-timeout", "5", "--repl-ping-replica-period", "1",
                .. arguments,
            ],
        };
        try
        {
            return new RedisNode(await RedisProcess.StartAsync(options, time, ct), options, folder, time);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Sends SIGKILL.</summary>
    public async Task KillAsync()
    {
        IsRunning = paused = false;
        process.Kill();
        await process.DisposeAsync();
    }

    /// <summary>Starts it again on its port with its data. Does nothing while it runs.</summary>
    public async Task RestartAsync(CancellationToken ct)
    {
        if (IsRunning) return;
        process = await RedisProcess.StartAsync(options with { Port = Port }, time, ct);
        IsRunning = true;
    }

    /// <summary>Sends SIGKILL and deletes its data.</summary>
    public async Task KillAndEmptyAsync()
    {
        await KillAsync();
        foreach (var part in new DirectoryInfo(folder.FullPath).EnumerateFileSystemInfos())
        {
            if (part is DirectoryInfo directory) directory.Delete(recursive: true);
            else part.Delete();
        }
    }

    /// <summary>Sends SIGSTOP.</summary>
    public void Pause()
    {
        paused = true;
        process.Pause();
    }

    /// <summary>Sends SIGCONT.</summary>
    public void Resume()
    {
        process.Resume();
        paused = false;
    }

    /// <summary>Sends a command. Returns the answer, one line for each element.</summary>
    public Task<string> AskAsync(CancellationToken ct, params string[] command) => RedisQuestion.AskAsync(Port, null, ct, command);

    public async ValueTask DisposeAsync()
    {
        // Kills it: its data are deleted anyway, and a primary that stops cleanly waits for its replicas.
        process.Kill();
        await process.DisposeAsync();
        folder.Dispose();
    }
}
