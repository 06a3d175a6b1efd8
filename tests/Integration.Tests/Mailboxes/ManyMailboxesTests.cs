using System.Globalization;
using EmailIngestion.Hosting;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Three hundred accounts come in batches, and each is polled. One that hangs and one that refuses delay none of them.</summary>
public sealed class ManyMailboxesTests(TestServers servers)
{
    private const int Count = 300;
    private const int Batch = 100;

    [Fact]
    public async Task Three_hundred_mailboxes_added_in_batches_are_all_polled()
    {
        await using var partition = new TestPartition(servers);
        using var silent = new SilentServer();
        using var log = new LogLines();
        var settings = partition.Settings();
        settings["Consumer:Enabled"] = "false";
        // Each connection is a process of Dovecot.
        settings["Polling:KeepConnection"] = "00:00:00";
        // The one that hangs does so until the end of the test.
        settings["Polling:ServerTimeout"] = settings["Polling:Deadline"] = "00:30:00";
        var file = new MailboxesJson(partition, settings);
        var host = await partition.StartHostAsync(
            settings, services => services.AddLogging(logging => logging.AddProvider(log)));
        var polls = host.Services.GetRequiredService<PollService>();
        var mailboxes = new List<Dictionary<string, string?>>
        {
            Mailbox(file, "hangs", silent.Port),
            // Port 1 of this machine.
            Mailbox(file, "refuses", 1),
        };

        for (var first = 0; first < Count; first += Batch)
        {
            for (var number = first; number < first + Batch; number++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"{number}-{partition.User}");
                _ = new MailUser(servers, name);
                mailboxes.Add(Mailbox(file, name, servers.Dovecot.Port));
            }

            file.Write(mailboxes);
            await host.Services.GetRequiredService<MailboxChanges>().CheckAsync();
            await polls.FireAsync(TestContext.Current.CancellationToken);
            // Line 205 is the first poll of a mailbox.
            await Eventually.TrueAsync(() => log.Of(205).Count == first + Batch, $"{first + Batch} mailboxes are polled");
        }

        Assert.Contains(log.Of(201), line => line.StartsWith("refuses@", StringComparison.Ordinal));
        // The one that hangs still waits for its server.
        Assert.DoesNotContain(log.Of(201), line => !line.StartsWith("refuses@", StringComparison.Ordinal));
        Assert.Equal(["Read the mailboxes"], log.Of(280).Select(line => line[..18]).Distinct());
    }

    private static Dictionary<string, string?> Mailbox(MailboxesJson file, string user, int port) => file.Mailbox(
        "INBOX",
        ("Username", user),
        ("Host", "127.0.0.1"),
        ("Port", port.ToString(CultureInfo.InvariantCulture)),
        ("Security", "None"),
        ("CertificateAuthority", null));
}
