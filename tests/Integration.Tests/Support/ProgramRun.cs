using System.Diagnostics;
using System.Globalization;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>
/// One run of a program of this repository, with its output. It receives SIGINT and SIGQUIT even when the tests ignore both, as with
/// <c>nohup ./test.sh &amp;</c>. A child process inherits ignored signals, and they can be reset only before the program starts.
/// </summary>
internal sealed class ProgramRun : IDisposable
{
    // Perl is part of Debian, Ubuntu and macOS. A shell cannot reset signals that were ignored at its start, and env can only on Linux.
    private const string WithDefaultSignals =
        "$SIG{$_} = 'DEFAULT' for qw(INT QUIT HUP); exec { $ARGV[0] } @ARGV or die \"$ARGV[0]: $!\\n\"";

    private static readonly TimeSpan EndsWithin = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _error;

    private ProgramRun(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _error = process.StandardError.ReadToEndAsync();
    }

    public static ProgramRun Start(string program, params IReadOnlyList<string> arguments)
    {
        var command = Command(program, arguments);
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        return new ProgramRun(Process.Start(start)!);
    }

    /// <summary>Starts the program with all signals enabled. It keeps the process ID of the starting process.</summary>
    internal static string[] Command(string program, params IReadOnlyList<string> arguments) =>
        ["perl", "-e", WithDefaultSignals, program, .. arguments];

    /// <param name="signal">INT, TERM and so on.</param>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        using var deadline = new CancellationTokenSource(EndsWithin, TimeProvider.System);
        await kill.WaitForExitAsync(deadline.Token);
    }

    /// <summary>
    /// Waits for the end of the program and of all processes that keep its output open. Returns the exit code, the output and the errors.
    /// </summary>
    /// <param name="within">Default three minutes.</param>
    /// <exception cref="TimeoutException">The program did not end within the time.</exception>
    public async Task<(int Code, string Output, string Error)> EndAsync(TimeSpan? within = null)
    {
        await Task.WhenAll(_process.WaitForExitAsync(), _output, _error).WaitAsync(within ?? EndsWithin, TimeProvider.System);
        return (_process.ExitCode, await _output, await _error);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
