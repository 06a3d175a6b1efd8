using System.Globalization;
using EmailIngestion.DevServers;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using Xunit;

namespace EmailIngestion.Integration.Tests.SignIn;

/// <summary>A token endpoint, and a real Dovecot that asks it whether a token is valid. Each test has users of its own.</summary>
public sealed class SignInServers : IAsyncLifetime
{
    internal TokenServer Tokens { get; private set; } = null!;

    internal DovecotProcess Dovecot { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Tokens = await TokenServer.StartAsync();
        Dovecot = await DovecotProcess.StartAsync(
            new DovecotProcessOptions { Introspection = Tokens.Introspection }, TimeProvider.System, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (Dovecot is not null)
            await Dovecot.DisposeAsync();
        if (Tokens is not null)
            await Tokens.DisposeAsync();
    }

    /// <summary>Adds the user of a partition with three mails in its INBOX, and in further folders.</summary>
    internal async Task AddUserAsync(TestPartition partition, params string[] folders)
    {
        Dovecot.AddUser(partition.User, TestPartition.Password);
        foreach (var folder in (string[])["INBOX", .. folders])
        {
            await Dovecot.AppendAsync(
                partition.User,
                TestPartition.Password,
                folder,
                TestMail.Many(3).Select(raw => (raw, TimeProvider.System.GetUtcNow())));
        }
    }

    /// <summary>Changes a mailbox so that it signs in at this Dovecot by a refresh token. The client ID is the user.</summary>
    internal void SignIn(LocalSettings settings, TestPartition partition, int index = 0, string refreshToken = "configured-refresh-token")
    {
        Point(settings, index);
        // Each poll signs in.
        settings["Polling:KeepConnection"] = "00:00:00";
        settings[$"Mailboxes:{index}:Authentication"] = "OAuth";
        settings[$"Mailboxes:{index}:OAuth:TokenEndpoint"] = $"{Tokens.Address}/token";
        settings[$"Mailboxes:{index}:OAuth:ClientId"] = partition.User;
        settings[$"Mailboxes:{index}:OAuth:ClientSecret"] = "client-secret-never-shown";
        settings[$"Mailboxes:{index}:OAuth:RefreshToken"] = refreshToken;
    }

    /// <summary>Points a mailbox at this Dovecot, without a password.</summary>
    internal void Point(LocalSettings settings, int index = 0)
    {
        settings[$"Mailboxes:{index}:Port"] = Dovecot.TlsPort.ToString(CultureInfo.InvariantCulture);
        settings[$"Mailboxes:{index}:CertificateAuthority"] = Dovecot.CertificateAuthorityPath;
        settings[$"Mailboxes:{index}:Password"] = null;
    }
}
