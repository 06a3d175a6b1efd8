using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using EmailIngestion.Messages;

namespace EmailIngestion.DevServers;

/// <summary>The version of a Dovecot, by which its configuration is written.</summary>
internal readonly partial record struct DovecotVersion(int Major, int Minor)
{
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(20);

    /// <summary>2.4 renames most settings and reads no configuration of 2.3.</summary>
    public bool HasRenamedSettings => Major > 2 || (Major == 2 && Minor >= 4);

    /// <param name="answer">What <c>dovecot --version</c> prints, such as <c>2.4.1-4 (7d8c0e5759)</c>.</param>
    /// <exception cref="ServerStartException">It does not begin with a version.</exception>
    public static DovecotVersion Parse(string answer)
    {
        var match = VersionNumbers().Match(answer);
        return match.Success
            ? new(Number(match.Groups["major"]), Number(match.Groups["minor"]))
            : throw new ServerStartException($"`dovecot --version` prints no version: '{BoundedText.Line(answer)}'.");
    }

    /// <summary>Asks the program at <paramref name="path"/>.</summary>
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
            return Process.Start(new ProcessStartInfo(path, ["--version"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
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
