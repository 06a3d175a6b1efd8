using System.Runtime.Versioning;
using EmailIngestion.Configuration;
using EmailIngestion.DevServers;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Functions.Tests.Demo;

[UnsupportedOSPlatform("windows")]
public sealed class DovecotVersionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dovecot-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("2.3.19.1 (9b53102964)\n", 2, 3, false)]
    [InlineData("2.3.21", 2, 3, false)]
    [InlineData("2.4.1-4 (7d8c0e5759)", 2, 4, true)]
    [InlineData("2.4.6", 2, 4, true)]
    [InlineData("2.10.0 (0123456789)", 2, 10, true)]
    [InlineData("3.0.1", 3, 0, true)]
    public void The_settings_are_renamed_from_2_4_on(string answer, int major, int minor, bool renamed)
    {
        var version = DovecotVersion.Parse(answer);

        Assert.Equal(new DovecotVersion(major, minor), version);
        Assert.Equal(renamed, version.HasRenamedSettings);
    }

    [Theory]
    [InlineData("")]
    [InlineData("dovecot 2.4.1")]
    [InlineData("2")]
    [InlineData("2.99999")]
    [InlineData("99999999999.1")]
    public void A_text_that_is_no_version_is_reported(string answer)
    {
        var error = Assert.Throws<ServerStartException>(() => DovecotVersion.Parse(answer));

        Assert.Equal($"`dovecot --version` prints no version: '{answer}'.", error.Message);
    }

    [Fact]
    public async Task The_program_itself_is_asked()
    {
        var program = Program("test \"$*\" = --version && echo '2.4.1-4 (7d8c0e5759)'");

        Assert.Equal(
            new DovecotVersion(2, 4), await DovecotVersion.OfAsync(program, TimeProvider.System, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_output_of_a_program_that_fails_is_reported()
    {
        var program = Program("echo 'libdovecot.so.0: cannot open shared object file' >&2; exit 127");

        var error = await Assert.ThrowsAsync<ServerStartException>(
            () => DovecotVersion.OfAsync(program, TimeProvider.System, TestContext.Current.CancellationToken));

        Assert.Equal("`dovecot --version` prints no version: 'libdovecot.so.0: cannot open shared object file'.", error.Message);
    }

    [Fact]
    public async Task A_program_that_cannot_be_started_is_named()
    {
        var file = Path.Combine(_folder, "dovecot");
        await File.WriteAllTextAsync(file, "no program", TestContext.Current.CancellationToken);

        var error = await Assert.ThrowsAsync<ServerStartException>(
            () => DovecotVersion.OfAsync(file, TimeProvider.System, TestContext.Current.CancellationToken));

        Assert.StartsWith($"{file} cannot be started: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_never_answers_is_ended()
    {
        var time = new FakeTimeProvider();
        var program = Program($"echo $$ >'{_folder}/id'; exec sleep 600");
        var version = DovecotVersion.OfAsync(program, time, TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(20));

        var error = await Assert.ThrowsAsync<ServerStartException>(
            () => version.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, TestContext.Current.CancellationToken));

        Assert.Equal($"`{program} --version` did not answer within 20 seconds.", error.Message);
    }

    private string Program(string script)
    {
        var file = Path.Combine(_folder, "dovecot");
        File.WriteAllText(file, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(file, UnixMode.Parse("0755"));
        return file;
    }
}
