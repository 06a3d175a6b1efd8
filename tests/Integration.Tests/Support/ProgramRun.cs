using System.Diagnostics;
using System.Globalization;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>
/// One run of a program of this repository, with its output. It hears SIGINT and SIGQUIT even where the tests were started with both
/// ignored, as <c>nohup ./test.sh &amp;</c> does: a child inherits that, and only a program that is not started yet can take it back.
/// </summary>
internal sealed class ProgramRun : IDisposable
{
    // Part of Debian, Ubuntu and macOS. A shell may not take back what it was started with, and env can only on Linux.
    private const string Heard = "$SIG{$_} = 'DEFAULT' for qw(INT QUIT HUP); exec { $ARGV[0] } @ARGV or die \"$ARGV[0]: $!\\n\"";

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

    /// <summary>The program, which hears every signal, under the id of the process that it is started by.</summary>
    internal static string[] Command(string program, params IReadOnlyList<string> arguments) => ["perl", "-e", Heard, program, .. arguments];

    /// <param name="signal">INT, TERM and so on.</param>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        using var deadline = new CancellationTokenSource(EndsWithin, TimeProvider.System);
        await kill.WaitForExitAsync(deadline.Token);
    }

    /// <summary>Waits for its end, and for that of all that hold its output open; answers the exit code, the output and the errors.</summary>
    /// <param name="within">Default three minutes.</param>
    /// <exception cref="TimeoutException">It had not ended within that time.</exception>
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
