using System.Net;
using System.Net.Sockets;
using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.Imap;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

/// <summary>Tests hosts to which no connection is possible: each is an error of the mailbox, not of this process.</summary>
public sealed class UnreachableHostTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    public void An_address_of_no_server_is_an_error_that_names_the_setting(string host) =>
        Assert.Equal($"Host '{host}' is not an address that this computer can connect to.", Error<MailboxException>(host).Message);

    [Fact]
    public void A_name_that_is_too_long_is_an_error_of_bounded_length() =>
        Assert.InRange(Error<MailboxException>(new string('h', 5_000)).Message.Length, 100, 600);

    // With IPv6 off for the process (DOTNET_SYSTEM_NET_DISABLEIPV6=1), .NET has no address to try.
    [Fact]
    public void An_address_of_a_network_that_is_off_is_an_error_of_the_mailbox()
    {
        if (Socket.OSSupportsIPv6)
            Error<SocketException>("::1");
        else
            Error<MailboxException>("::1");
    }

    [Fact]
    public void A_poll_of_such_a_host_is_no_fault_of_this_process()
    {
        var options = new MailboxOptions { Host = "0.0.0.0", Username = "me@example.org", Password = "secret" };
        using var session = new ImapSession(options, TimeSpan.FromSeconds(30), new HashSet<string>());

        var error = Assert.Throws<MailboxException>(() => session.Connect(CancellationToken.None));

        Assert.False(PollFailure.Of(new PollResult(PollEnd.Failed), error, null).IsOwnFault);
    }

    private static T Error<T>(string host)
        where T : Exception
    {
        using var closed = new Socket(SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(closed.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0));
        using var connection = new ImapConnection("host:143", TimeSpan.FromSeconds(30));
        return Assert.Throws<T>(() => connection.Open(host, ((IPEndPoint)closed.LocalEndPoint!).Port, CancellationToken.None));
    }
}
