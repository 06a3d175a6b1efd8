using System.Diagnostics;
using System.Runtime.InteropServices;

namespace EmailIngestion.DevServers;

/// <summary>
/// A server that this process starts and stops. It has its own process group, so that Ctrl+C reaches only this process, which drains first
/// and stops its servers last. A guard process ends the server if this process is killed.
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const int SigKill = 9;
    private const int SigTerm = 15;

    // The signal numbers differ between Linux and macOS.
    private static readonly int SigStop = OperatingSystem.IsMacOS() ? 17 : 19;
    private static readonly int SigContinue = OperatingSystem.IsMacOS() ? 19 : 18;

    private const int KeptLines = 20;
    private const string GuardScript = "read -r _; kill -s TERM -- \"-$1\" 2>&- || kill -s TERM \"$1\" 2>&-";
    private static readonly TimeSpan KillTimeout = TimeSpan.FromSeconds(5);

    private readonly Process process;
    private readonly Process guard;
    private readonly TimeProvider time;
    private readonly Queue<string> lines = new();
    private bool disposed;

    private ServerProcess(string path, IEnumerable<string> arguments, TimeProvider time)
    {
        this.time = time;
        process = new Process { StartInfo = Command([path, .. arguments]), EnableRaisingEvents = true };
        process.StartInfo.RedirectStandardOutput = true;
        process.StartInfo.RedirectStandardError = true;
        process.OutputDataReceived += (_, e) => Keep(e.Data);
        process.ErrorDataReceived += (_, e) => Keep(e.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Id = process.Id;

        // The guard reads a pipe that only this process holds open, so it notices the end of this process, even by SIGKILL.
        guard = new Process { StartInfo = Command(["/bin/sh", "-c", GuardScript, "sh", $"{Id}"]) };
        guard.StartInfo.RedirectStandardInput = true;
        guard.Start();

        // Ends the guard with the server. Else it could later signal another process with the same ID.
        process.Exited += (_, _) => EndGuard();
    }

    public int Id { get; }

    public bool HasExited => disposed || process.HasExited;

    /// <summary>The last lines of the server's output.</summary>
    public string LastOutput
    {
        get
        {
            lock (lines) return string.Join('\n', lines);
        }
    }

    public static ServerProcess Start(string path, IEnumerable<string> arguments, TimeProvider time) =>
        new(path, arguments, time);

    /// <summary>Asks the server to end and reads its last output. Kills it after the timeout.</summary>
    public async Task StopAsync(TimeSpan timeout)
    {
        if (disposed) return;

        // A paused process does not handle SIGTERM.
        Resume();

        // Signals the whole group: Dovecot's master alone would take a second and leave the processes of connected clients.
        if (!process.HasExited && Signal(-Id, SigTerm) != 0) _ = Signal(Id, SigTerm);
        using var deadline = new CancellationTokenSource(timeout, time);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            // A process of the group is left: the server, or one that holds its output open.
            KillGroup();
        }
    }

    /// <summary>Sends SIGKILL to the server and to all processes that it started.</summary>
    public void Kill()
    {
        // The ID of an ended group may belong to another group now.
        if (!HasExited) KillGroup();
    }

    /// <summary>Sends SIGSTOP: the server keeps its connections and memory and does nothing, like a hanging machine.</summary>
    public void Pause() => Send(SigStop);

    /// <summary>Sends SIGCONT: the server continues, unaware of the pause.</summary>
    public void Resume() => Send(SigContinue);

    public async ValueTask DisposeAsync()
    {
        if (disposed) return;
        await StopAsync(KillTimeout);
        disposed = true;
        EndGuard();
        guard.Dispose();
        process.Dispose();
    }

    private void Send(int signal)
    {
        if (!HasExited) _ = Signal(Id, signal);
    }

    private void KillGroup()
    {
        _ = Signal(-Id, SigKill);
        process.Kill(entireProcessTree: true);
        process.WaitForExit(KillTimeout);
    }

    private void EndGuard()
    {
        try
        {
            guard.Kill();
        }
        catch (InvalidOperationException)
        {
            // Disposed already: the Exited event runs on another thread and may be late.
        }
    }

    private static ProcessStartInfo Command(string[] command)
    {
        // setsid replaces itself by the program, so the ID stays the same. Without setsid, Ctrl+C reaches every process.
        string[] all = ServerBinary.Find("setsid") is { } setsid ? [setsid, .. command] : command;
        return new ProcessStartInfo(all[0], all[1..]) { UseShellExecute = false };
    }

    private void Keep(string? line)
    {
        if (line is null) return;
        lock (lines)
        {
            lines.Enqueue(line);
            if (lines.Count > KeptLines) lines.Dequeue();
        }
    }

    // .NET can only send SIGKILL.
    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int process, int signal);
}
