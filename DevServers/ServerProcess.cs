using System.Diagnostics;
using System.Runtime.InteropServices;

namespace EmailIngestion.DevServers;

/// <summary>
/// One server, started by us and gone with us: it has a process group of its own, so that Ctrl+C reaches only the
/// program (which then drains, and stops its servers last), and a guard that ends it if this process is killed.
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const int SigKill = 9;
    private const int SigTerm = 15;

    // Their numbers differ between Linux and macOS.
    private static readonly int SigStop = OperatingSystem.IsMacOS() ? 17 : 19;
    private static readonly int SigContinue = OperatingSystem.IsMacOS() ? 19 : 18;

    private const int KeptLines = 20;
    private const string LastWill = "read -r _; kill -s TERM -- \"-$1\" 2>&- || kill -s TERM \"$1\" 2>&-";
    private static readonly TimeSpan DiesWithin = TimeSpan.FromSeconds(5);

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

        // The guard reads a pipe that only this process holds open: it ends when we do, even by SIGKILL.
        guard = new Process { StartInfo = Command(["/bin/sh", "-c", LastWill, "sh", $"{Id}"]) };
        guard.StartInfo.RedirectStandardInput = true;
        guard.Start();

        // Without this a guard could outlive a server that crashed, and later hit whoever has its id by then.
        process.Exited += (_, _) => EndGuard();
    }

    public int Id { get; }

    public bool HasExited => disposed || process.HasExited;

    /// <summary>The last lines that the server wrote.</summary>
    public string LastOutput
    {
        get
        {
            lock (lines) return string.Join('\n', lines);
        }
    }

    public static ServerProcess Start(string path, IEnumerable<string> arguments, TimeProvider time) =>
        new(path, arguments, time);

    /// <summary>Asks the server to end and reads its last words; kills it if it has not done so by the deadline.</summary>
    public async Task StopAsync(TimeSpan deadline)
    {
        if (disposed) return;

        // One that is paused would not hear it.
        Resume();

        // To all of the group: Dovecot's master alone would take a second, and leave those who serve a client behind.
        if (!process.HasExited && Signal(-Id, SigTerm) != 0) _ = Signal(Id, SigTerm);
        using var timeout = new CancellationTokenSource(deadline, time);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            // Somebody of the group is left: the server itself, or one who holds its output open.
            KillGroup();
        }
    }

    /// <summary>SIGKILL, to the server and to all that it started.</summary>
    public void Kill()
    {
        // The id of a group that ended long ago may belong to others by now.
        if (!HasExited) KillGroup();
    }

    /// <summary>SIGSTOP: it keeps its connections and its memory and does nothing, as a machine that hangs.</summary>
    public void Pause() => Send(SigStop);

    /// <summary>SIGCONT: it goes on where it was, and does not know for how long it was away.</summary>
    public void Resume() => Send(SigContinue);

    public async ValueTask DisposeAsync()
    {
        if (disposed) return;
        await StopAsync(DiesWithin);
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
        process.WaitForExit(DiesWithin);
    }

    private void EndGuard()
    {
        try
        {
            guard.Kill();
        }
        catch (InvalidOperationException)
        {
            // Disposed: the server's end is announced on another thread, which may be late.
        }
    }

    private static ProcessStartInfo Command(string[] command)
    {
        // setsid replaces itself by the program, so the id stays the same; where there is none, Ctrl+C reaches all.
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

    // .NET itself can only send SIGKILL.
    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int process, int signal);
}
