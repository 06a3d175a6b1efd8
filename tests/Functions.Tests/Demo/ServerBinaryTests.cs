using EmailIngestion.DevServers;
using Xunit;

namespace EmailIngestion.Functions.Tests.Demo;

public sealed class ServerBinaryTests : IDisposable
{
    // Unique for this instance: tests run in parallel and share the environment of the process.
    private readonly string _variable = $"TEST_SERVER_{Guid.NewGuid():N}";
    private readonly string _file = Path.GetTempFileName();

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(_variable, null);
        File.Delete(_file);
    }

    [Fact]
    public void A_variable_can_name_a_server_that_is_not_the_installed_one()
    {
        Environment.SetEnvironmentVariable(_variable, _file);

        Assert.Equal(_file, ServerBinary.Require("sh", "dash", _variable));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Without_it_the_installed_one_is_taken(string? value)
    {
        Environment.SetEnvironmentVariable(_variable, value);

        Assert.Equal(ServerBinary.Find("sh"), ServerBinary.Require("sh", "dash", _variable));
    }

    [Fact]
    public void A_variable_that_names_no_file_is_reported()
    {
        Environment.SetEnvironmentVariable(_variable, "/no/such/dovecot");

        var error = Assert.Throws<ServerStartException>(() => ServerBinary.Require("sh", "dash", _variable));

        Assert.Equal($"{_variable} names '/no/such/dovecot', which is not a file.", error.Message);
    }
}
