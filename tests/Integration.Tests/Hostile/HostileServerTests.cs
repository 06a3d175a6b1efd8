using System.Diagnostics;
using Xunit;

namespace EmailIngestion.Integration.Tests.Hostile;

/// <summary>Runs the hostile mail servers for a short time in their own process, because its memory is measured.</summary>
public sealed class HostileServerTests
{
    [Fact]
    public async Task No_hostile_mail_server_stops_the_process_or_another_mailbox()
    {
        var start = new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "EmailIngestion.Hostile.dll"), "--part", "servers", "--quick"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var run = Process.Start(start)!;
        var errors = run.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await run.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await run.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(run.ExitCode == 0, output + await errors);
    }
}
