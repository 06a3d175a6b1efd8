using EmailIngestion.Hosting;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EmailIngestion.Integration.Tests.SignIn;

/// <summary>A parked mailbox asks at once when MAILBOXES_FILE changes a mailbox of its account.</summary>
public sealed class ParkedMailboxTests(TestServers servers, SignInServers signIn) : IClassFixture<SignInServers>
{
    [Theory]
    [InlineData("changed")]
    [InlineData("added")]
    [InlineData("removed and added")]
    public async Task A_mailbox_that_is_new_in_the_file_resumes_its_account(string change)
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition, "Other");
        signIn.Tokens.Script(partition.User, _ => TokenReply.Error("invalid_client"));
        var settings = partition.Settings();
        settings["Consumer:Enabled"] = "false";
        var file = new MailboxesJson(partition, settings);
        file.Write(Mailbox("INBOX"));
        var host = await partition.StartHostAsync(settings);
        Assert.True((await host.PollAsync()).IsParked);
        Assert.Equal(PollEnd.Parked, (await host.PollAsync()).End);

        // Somebody corrects the account at the provider.
        signIn.Tokens.Script(partition.User, _ => null);
        var changes = host.Services.GetRequiredService<MailboxChanges>();
        if (change == "removed and added")
        {
            file.Write("[]");
            await changes.CheckAsync();
        }

        file.Write(change switch
        {
            "changed" => [Mailbox("INBOX", ("StartFrom", "2020-01-01"))],
            "added" => [Mailbox("INBOX"), Mailbox("Other")],
            _ => [Mailbox("INBOX")],
        });
        await changes.CheckAsync();

        Assert.All((await host.PollAllAsync()).Values, result => Assert.Equal((PollEnd.Complete, 3), (result.End, result.Appended)));

        Dictionary<string, string?> Mailbox(string folder, params (string Name, string? Value)[] more) => file.Mailbox(
            folder,
            [
                ("Port", $"{signIn.Dovecot.TlsPort}"),
                ("CertificateAuthority", signIn.Dovecot.CertificateAuthorityPath),
                ("Password", null),
                ("Authentication", "OAuth"),
                ("OAuth:TokenEndpoint", $"{signIn.Tokens.Address}/token"),
                ("OAuth:ClientId", partition.User),
                ("OAuth:RefreshToken", "configured-refresh-token"),
                .. more,
            ]);
    }
}
