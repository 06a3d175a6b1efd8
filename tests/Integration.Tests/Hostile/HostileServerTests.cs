using System.Diagnostics;
using Xunit;

namespace EmailIngestion.Integration.Tests.Hostile;

/// <summary>A short run of the hostile mail servers, in a process of their own: its memory is measured.</summary>
public sealed class HostileServerTests
{
    [Fact]
    public async Task No_mail_server_stops_the_process_or_the_mailbox_beside_it()
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
