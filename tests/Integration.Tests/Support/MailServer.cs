using System.Globalization;
using EmailIngestion.Local.Hosting;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>
/// The IMAP server that the environment names (TEST_IMAP_PORT on 127.0.0.1, TEST_IMAP_USER, TEST_IMAP_PASSWORD; tests/servers.sh starts
/// it), or else the Dovecot of the run. All tests share the user of a named server, so each test has its own folders.
/// </summary>
internal sealed record MailServer(int Port, string User, string Password)
{
    public static MailServer Of(TestServers servers, TestPartition partition)
    {
        if (Environment.GetEnvironmentVariable("TEST_IMAP_PORT") is { Length: > 0 } port)
            return new(int.Parse(port, CultureInfo.InvariantCulture), Required("TEST_IMAP_USER"), Required("TEST_IMAP_PASSWORD"));
        _ = new MailUser(servers, partition.User);
        return new MailServer(servers.Dovecot.Port, partition.User, TestPartition.Password);
    }

    /// <summary>Another client, for the steps of the test.</summary>
    public Task<PlainImap> ConnectAsync() => PlainImap.ConnectAsync(Port, User, Password);

    /// <summary>Adds a folder of this server to the settings, as a mailbox of the partition's account.</summary>
    public void AddTo(LocalSettings settings, TestPartition partition, string folder, string startFrom = "all", int index = 0)
    {
        partition.AddMailbox(settings, folder, startFrom, index);
        settings[$"Mailboxes:{index}:Account"] = partition.User;
        settings[$"Mailboxes:{index}:Host"] = "127.0.0.1";
        settings[$"Mailboxes:{index}:Port"] = Port.ToString(CultureInfo.InvariantCulture);
        settings[$"Mailboxes:{index}:Security"] = "None";
        settings[$"Mailboxes:{index}:CertificateAuthority"] = null;
        settings[$"Mailboxes:{index}:Username"] = User;
        settings[$"Mailboxes:{index}:Password"] = Password;
    }

    private static string Required(string variable) => Environment.GetEnvironmentVariable(variable)
        ?? throw new InvalidOperationException($"TEST_IMAP_PORT is set and {variable} is not.");
}
