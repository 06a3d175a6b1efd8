using Xunit;

namespace EmailIngestion.Integration.Tests.Support;

public sealed class ProgramRunTests
{
    [Theory]
    [InlineData("INT")]
    [InlineData("QUIT")]
    [InlineData("HUP")]
    public async Task A_program_receives_a_signal_that_the_tests_ignore(string signal)
    {
        // The state that nohup in the background leaves to all child processes.
        var program = ProgramRun.Command("/bin/sh", "-c", $"kill -s {signal} $$; echo deaf");
        using var ignoring = ProgramRun.Start("/bin/sh", ["-c", $"trap '' {signal}; exec \"$@\"", "sh", .. program]);
        var (code, output, _) = await ignoring.EndAsync();
        Assert.NotEqual(0, code);
        Assert.Equal("", output);
    }
}
