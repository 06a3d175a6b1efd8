using System.Globalization;
using EmailIngestion.DevServers;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests eight folders of a user on a Dovecot that allows two connections for the user.</summary>
public sealed class FewConnectionsTests(TestServers servers)
{
    private const int Folders = 8;
    private const int Allowed = 2;

    [Fact]
    public async Task Eight_folders_of_one_account_share_two_connections()
    {
        await using var dovecot = await StartAsync();
        await using var partition = new TestPartition(servers);
        using var relay = new CountingRelay(dovecot.Port);
        var host = await partition.StartHostAsync(await SettingsAsync(partition, dovecot, relay.Port, Allowed));

        var first = await host.PollAllAsync();
        var logins = relay.Connections;
        await Eventually.TrueAsync(() => relay.Open == 0, "the connections that no folder needs are closed");
        for (var folder = 0; folder < Folders; folder++)
            await AppendAsync(dovecot, partition, Name(folder), TestMail.Many(3, first: 4));
        var second = await host.PollAllAsync();

        Assert.Equal(Folders, first.Count);
        Assert.All(first.Values, result => Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), result));
        Assert.All(second.Values, result => Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), result));
        Assert.InRange(relay.MostOpen, 1, Allowed);
        Assert.InRange(logins, 1, Allowed);
        Assert.Equal(Folders * 6, (await partition.EmailsAsync()).Select(email => email.Id).Distinct().Count());
    }

    [Fact]
    public async Task A_refused_connection_is_throttling_and_loses_nothing()
    {
        await using var dovecot = await StartAsync();
        await using var partition = new TestPartition(servers);
        var host = await partition.StartHostAsync(await SettingsAsync(partition, dovecot, dovecot.Port, Folders));

        var results = await host.PollAllAsync();

        Assert.All(
            results.Values.Where(result => result.End != PollEnd.Complete),
            result => Assert.StartsWith($"127.0.0.1:{dovecot.Port} throttles {partition.User}: ", result.Error, StringComparison.Ordinal));
        Assert.Equal(results.Values.Sum(result => result.Appended), (await partition.EmailsAsync()).Count);
        Assert.Empty(await partition.DeadLettersAsync());
    }

    [Fact]
    public async Task The_error_of_a_folder_without_the_servers_prefix_names_the_prefix()
    {
        await using var dovecot = await DovecotProcess.StartAsync(
            new DovecotProcessOptions { Prefix = "INBOX." }, TimeProvider.System, TestContext.Current.CancellationToken);
        await using var partition = new TestPartition(servers);
        dovecot.AddUser(partition.User, TestPartition.Password);
        foreach (var folder in new[] { "INBOX.Sent Mail", "INBOX.Drafts" })
            await AppendAsync(dovecot, partition, folder, [TestMail.Of(1)]);
        var settings = partition.PollingSettings("Sent Mail");
        Serve(settings, 0, dovecot.Port);
        var host = await partition.StartHostAsync(settings);

        var result = await host.PollAsync();

        Assert.Equal(
            $"127.0.0.1:{dovecot.Port} has no folder 'Sent Mail' for {partition.User}. Did you mean 'INBOX.Sent Mail'? "
            + "It has 'INBOX', 'INBOX.Drafts', 'INBOX.Sent Mail'.",
            result.Error);
    }

    private static Task<DovecotProcess> StartAsync() => DovecotProcess.StartAsync(
        new DovecotProcessOptions { MaxConnections = Allowed }, TimeProvider.System, TestContext.Current.CancellationToken);

    private static async Task<LocalSettings> SettingsAsync(TestPartition partition, DovecotProcess dovecot, int port, int connections)
    {
        dovecot.AddUser(partition.User, TestPartition.Password);
        var settings = partition.PollingSettings();
        settings["Polling:ConnectionsPerServer"] = connections.ToString(CultureInfo.InvariantCulture);
        // The test connects between the polls, and the server counts that too.
        settings["Polling:KeepConnection"] = "00:00:00";
        for (var folder = 0; folder < Folders; folder++)
        {
            await AppendAsync(dovecot, partition, Name(folder), TestMail.Many(3));
            partition.AddMailbox(settings, Name(folder), index: folder);
            Serve(settings, folder, port);
        }

        return settings;
    }

    private static Task AppendAsync(DovecotProcess dovecot, TestPartition partition, string folder, IEnumerable<byte[]> mails) =>
        Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    await dovecot.AppendAsync(
                        partition.User,
                        TestPartition.Password,
                        folder,
                        mails.Select(raw => (raw, TimeProvider.System.GetUtcNow())),
                        TestContext.Current.CancellationToken);
                    return true;
                }
                catch (InvalidOperationException e) when (e.Message.Contains("[LIMIT]", StringComparison.Ordinal))
                {
                    // Dovecot still counts a connection that was just closed.
                    return false;
                }
            },
            $"{folder} takes its emails");

    private static string Name(int folder) => folder == 0 ? "INBOX" : $"Folder {folder}";

    private static void Serve(LocalSettings settings, int index, int port)
    {
        settings[$"Mailboxes:{index}:Host"] = "127.0.0.1";
        settings[$"Mailboxes:{index}:Port"] = port.ToString(CultureInfo.InvariantCulture);
        settings[$"Mailboxes:{index}:Security"] = "None";
        settings[$"Mailboxes:{index}:CertificateAuthority"] = null;
    }
}
