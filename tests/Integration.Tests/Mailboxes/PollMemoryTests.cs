using System.Globalization;
using EmailIngestion.Integration.Tests.Support;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>What a polling process needs of memory, measured on the process.</summary>
public sealed class PollMemoryTests(TestServers servers)
{
    private const int Mailboxes = 4;
    private const int MailsEach = 3;
    private const int MailBytes = 20_000_000;
    private const int MostMebibytes = 400;

    [Fact]
    public async Task A_poller_of_many_mailboxes_of_large_mail_keeps_within_its_memory()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        var settings = partition.PollingSettings();
        settings["POLL_SCHEDULE"] = "* * * * * *";
        settings["Logging:Console:LogLevel:Default"] = "Information";
        for (var index = 0; index < Mailboxes; index++)
        {
            await user.AppendAsync(Enumerable.Range(1, MailsEach).Select(number => TestMail.Of(number, new string('x', MailBytes))), $"Large{index}");
            partition.AddMailbox(settings, $"Large{index}", index: index);
        }

        await using var poller = CommandProcess.Start(partition, settings, "poll");
        await Eventually.TrueAsync(
            async () => await partition.Database.StreamLengthAsync(partition.Keys.Stream) == Mailboxes * MailsEach, "all of it is appended");

        Assert.InRange(PeakMebibytes(poller.Id), 1, MostMebibytes);
        Assert.DoesNotContain("failed", poller.Output, StringComparison.Ordinal);
        Assert.Equal(0, await poller.TerminateAsync());
    }

    private static long PeakMebibytes(int process) => long.Parse(
        File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024;
}
