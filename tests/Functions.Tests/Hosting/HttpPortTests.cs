using System.Net;
using System.Net.Sockets;
using EmailIngestion.Configuration;
using EmailIngestion.Local.Hosting;
using Xunit;

namespace EmailIngestion.Functions.Tests.Hosting;

public sealed class HttpPortTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("127.0.0.1")]
    [InlineData("*")]
    public void A_port_in_use_is_named(string? address)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        var error = Assert.Throws<StartException>(() => HttpPort.Check(address, port));

        Assert.StartsWith($"Port {port} is in use by another process", error.Message, StringComparison.Ordinal);
        Assert.Contains("--port", error.Message, StringComparison.Ordinal);
        listener.Stop();
        HttpPort.Check(address, port);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(65_536)]
    public void A_number_that_is_no_port_is_refused(int port) =>
        Assert.StartsWith(
            $"--port is {port}", Assert.Throws<StartException>(() => HttpPort.Check(null, port)).Message, StringComparison.Ordinal);

    [Fact]
    public void An_address_of_another_machine_is_named() => Assert.Contains(
        "Local:Address is '192.0.2.1'", Assert.Throws<StartException>(() => HttpPort.Check("192.0.2.1", 7071)).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    public void No_port_and_any_free_port_are_not_tried(int? port) => HttpPort.Check("192.0.2.1", port);
}
