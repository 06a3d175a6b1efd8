using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using EmailIngestion.Bench.Sides;

namespace EmailIngestion.Bench;

/// <summary>A running side of a measurement.</summary>
internal sealed class SideProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _name;

    private SideProcess(string name, ProcessStartInfo start)
    {
        _name = name;
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        _process = Process.Start(start)!;
    }

    public static SideProcess Ours(string name, params object[] arguments) => new(name, new ProcessStartInfo(
        "dotnet", [
            Path.Combine(AppContext.BaseDirectory, "EmailIngestion.Bench.dll"), SideProgram.Command, name, .. Texts(arguments),
        ]));

    public static SideProcess Node(string folder, string script, params object[] arguments) =>
        new(script, new ProcessStartInfo("node", [script, .. Texts(arguments)]) { WorkingDirectory = folder });

    /// <summary>Waits until the side reports that it is ready.</summary>
    public async Task ReadyAsync(CancellationToken cancellationToken)
    {
        if (await _process.StandardOutput.ReadLineAsync(cancellationToken) != SideProgram.Ready)
            throw new BenchException($"{_name} did not become ready.");
    }

    /// <summary>Closes the side's input and reads its result.</summary>
    public async Task<SideResult> ResultAsync(CancellationToken cancellationToken)
    {
        _process.StandardInput.Close();
        var line = await _process.StandardOutput.ReadLineAsync(cancellationToken);
        await _process.WaitForExitAsync(cancellationToken);
        return line is not null && _process.ExitCode == 0
            ? JsonSerializer.Deserialize<SideResult>(line)!
            : throw new BenchException($"{_name} ended with {_process.ExitCode}; its output is above.");
    }

    private static IEnumerable<string> Texts(object[] arguments) =>
        arguments.Select(argument => Convert.ToString(argument, CultureInfo.InvariantCulture)!);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
