using System.Globalization;
using EmailIngestion.DevServers;

namespace EmailIngestion.Servers;

/// <summary>
/// One Redis of several, which keeps its port and its data through crash and restart. With an append-only file that is synced at each
/// write: what a failover loses is then replication's doing alone.
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

    /// <summary>Whether it can be asked: neither killed nor paused.</summary>
    public bool Answers => IsRunning && !paused;

    public static async Task<RedisNode> StartAsync(IReadOnlyList<string> arguments, TimeProvider time, CancellationToken ct)
    {
        var folder = new ServerFolder(null, "redis-");
        var options = new RedisProcessOptions
        {
            DataFolder = folder.FullPath,
            AppendOnly = true,
            // No replica waits five seconds for others to join its copy; the notice of a death is quick.
            ExtraArguments = ["--appendfsync", "always", "--repl-diskless-sync-delay", "0", "--repl-timeout", "5", "--repl-ping-replica-period", "1", .. arguments],
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

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        IsRunning = paused = false;
        process.Kill();
        await process.DisposeAsync();
    }

    /// <summary>Starts it again on its port with what it had written. Nothing to do while it runs.</summary>
    public async Task RestartAsync(CancellationToken ct)
    {
        if (IsRunning) return;
        process = await RedisProcess.StartAsync(options with { Port = Port }, time, ct);
        IsRunning = true;
    }

    /// <summary>SIGKILL, and its data are gone.</summary>
    public async Task KillAndEmptyAsync()
    {
        await KillAsync();
        foreach (var part in new DirectoryInfo(folder.FullPath).EnumerateFileSystemInfos())
        {
            if (part is DirectoryInfo directory) directory.Delete(recursive: true);
            else part.Delete();
        }
    }

    /// <summary>SIGSTOP.</summary>
    public void Pause()
    {
        paused = true;
        process.Pause();
    }

    /// <summary>SIGCONT.</summary>
    public void Resume()
    {
        process.Resume();
        paused = false;
    }

    /// <summary>What it answers to a command, a line for each element.</summary>
    public Task<string> AskAsync(CancellationToken ct, params string[] command) => RedisCli.AskAsync(Port, ct, command);

    public async ValueTask DisposeAsync()
    {
        // Its data go with it, and a primary that ends in order waits for replicas that are gone.
        process.Kill();
        await process.DisposeAsync();
        folder.Dispose();
    }
}
