using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using EmailIngestion.Messages;

namespace EmailIngestion.DevServers;

/// <summary>The version of a Dovecot, which decides its configuration.</summary>
internal readonly partial record struct DovecotVersion(int Major, int Minor)
{
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(20);

    /// <summary>Whether it is 2.4 or newer, which renames most settings and cannot read a configuration of 2.3.</summary>
    public bool HasRenamedSettings => Major > 2 || (Major == 2 && Minor >= 4);

    /// <param name="answer">The output of <c>dovecot --version</c>, such as <c>2.4.1-4 (7d8c0e5759)</c>.</param>
    /// <exception cref="ServerStartException">The output does not begin with a version.</exception>
    public static DovecotVersion Parse(string answer)
    {
        var match = VersionNumbers().Match(answer);
        return match.Success
            ? new(Number(match.Groups["major"]), Number(match.Groups["minor"]))
            : throw new ServerStartException($"`dovecot --version` prints no version: '{BoundedText.Line(answer)}'.");
    }

    /// <summary>Runs the program at <paramref name="path"/> to read its version.</summary>
    /// <exception cref="ServerStartException">It does not start, prints no version, or takes longer than 20 seconds.</exception>
    public static async Task<DovecotVersion> OfAsync(string path, TimeProvider time, CancellationToken ct)
    {
        using var process = Start(path);
        using var timeout = new CancellationTokenSource(AnswersWithin, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        try
        {
            var error = process.StandardError.ReadToEndAsync(both.Token);
            var answer = await process.StandardOutput.ReadToEndAsync(both.Token);
            var said = await error;
            await process.WaitForExitAsync(both.Token);
            return Parse(answer.Length > 0 ? answer : said);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            ct.ThrowIfCancellationRequested();
            throw new ServerStartException($"`{path} --version` did not answer within {AnswersWithin.TotalSeconds} seconds.");
        }
    }

    private static Process Start(string path)
    {
        try
        {
            var start = new ProcessStartInfo(path, ["--version"]) { RedirectStandardOutput = true, RedirectStandardError = true };
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new ServerStartException($"{path} cannot be started: {BoundedText.Line(e.Message)}");
        }
    }

    private static int Number(Group digits) => int.Parse(digits.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\s*(?<major>[0-9]{1,4})\.(?<minor>[0-9]{1,4})(?![0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex VersionNumbers();
}
