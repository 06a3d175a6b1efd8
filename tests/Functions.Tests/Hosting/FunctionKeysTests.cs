using EmailIngestion.Configuration;
using EmailIngestion.Local.Hosting;
using Microsoft.Azure.Functions.Worker;
using Xunit;

namespace EmailIngestion.Functions.Tests.Hosting;

public sealed class FunctionKeysTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("keys-").FullName;

    private string KeyFile => Path.Combine(_folder, "data", "keys.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void They_are_made_once_for_their_owner_only_and_kept()
    {
        var made = FunctionKeys.Load(KeyFile);
        Assert.True(made.IsNew);
        Assert.True(made.Function.Length >= 40);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));
        var kept = FunctionKeys.Load(KeyFile);
        Assert.False(kept.IsNew);
        Assert.Equal(made.Function, kept.Function);
    }

    [Fact]
    public void Two_machines_have_different_keys() =>
        Assert.NotEqual(FunctionKeys.Load(KeyFile).Function, FunctionKeys.Load(Path.Combine(_folder, "other.json")).Function);

    [Fact]
    public void The_function_key_opens_functions_and_the_master_key_everything()
    {
        Write("""{"default":"f","_master":"m"}""");
        var keys = FunctionKeys.Load(KeyFile);
        Assert.Equal("", keys.Admit(AuthorizationLevel.Anonymous, null));
        Assert.Equal("default", keys.Admit(AuthorizationLevel.Function, "f"));
        Assert.Equal("_master", keys.Admit(AuthorizationLevel.Function, "m"));
        Assert.Equal("_master", keys.Admit(AuthorizationLevel.Admin, "m"));
        Assert.Null(keys.Admit(AuthorizationLevel.Admin, "f"));
        Assert.Null(keys.Admit(AuthorizationLevel.Function, "F"));
        Assert.Null(keys.Admit(AuthorizationLevel.Function, ""));
        Assert.Null(keys.Admit(AuthorizationLevel.Function, null));
    }

    [Fact]
    public void A_key_that_was_added_by_hand_has_its_own_name()
    {
        Write("""{"default":"f","_master":"m","ann":"a"}""");
        Assert.Equal("ann", FunctionKeys.Load(KeyFile).Admit(AuthorizationLevel.Function, "a"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no json")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"default":"f"}""")]
    [InlineData("""{"_master":"m"}""")]
    [InlineData("""{"default":"f","_master":null}""")]
    [InlineData("""{"default":"","_master":"m"}""")]
    [InlineData("""{"default":1,"_master":"m"}""")]
    public void A_file_without_keys_is_named_and_not_changed(string text)
    {
        Write(text);
        var error = Assert.Throws<SettingsException>(() => FunctionKeys.Load(KeyFile));
        Assert.Contains(KeyFile, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Equal(text, File.ReadAllText(KeyFile));
    }

    private void Write(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(KeyFile)!);
        File.WriteAllText(KeyFile, text);
    }
}
