using System.Globalization;
using EmailIngestion.Bodies;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests the memory use of a polling process.</summary>
[Collection(typeof(RunsAlone))]
public sealed class PollMemoryTests(TestServers servers)
{
    private const int MailBytes = 60_000_000;

    // The memory of a poller does not depend on the size of mail. Four mails of this size were 240 MB.
    [Theory]
    [InlineData(BodyStoreKind.Redis)]
    [InlineData(BodyStoreKind.Folder)]
    public async Task A_poller_of_many_mailboxes_with_large_mail_stays_within_its_memory(BodyStoreKind store)
    {
        const int Mailboxes = 4;
        const int MailsEach = 1;
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        var settings = Settings(partition);
        settings["Bodies:Store"] = store.ToString();
        settings["Bodies:Folder"] = partition.Bodies;
        for (var index = 0; index < Mailboxes; index++)
        {
            // One by one, so that they are not all in the memory of this process.
            for (var number = 1; number <= MailsEach; number++)
                await user.AppendAsync([Large(number)], $"Large{index}");
            partition.AddMailbox(settings, $"Large{index}", index: index);
        }

        await using var poller = CommandProcess.Start(partition, settings, "poll");
        await LengthAsync(partition, Mailboxes * MailsEach);

        Assert.InRange(PeakMebibytes(poller.Id), 1, 180);
        Assert.DoesNotContain("failed", poller.Output, StringComparison.Ordinal);
        Assert.Equal(0, await poller.TerminateAsync());
        Assert.Equal(Mailboxes * MailsEach, await partition.Database.StreamLengthAsync(partition.Keys.Stream));
    }

    [Fact]
    public async Task A_poller_does_not_read_the_large_mail_in_the_stream()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await partition.EnsureGroupAsync();
        RedisValue waiting = Large(1);
        for (var entry = 1; entry <= 2; entry++)
            await partition.Database.StreamAddAsync(partition.Keys.Stream, "raw", waiting);
        await user.AppendAsync([TestMail.Of(1)]);
        var settings = Settings(partition);
        partition.AddMailbox(settings);

        await using var poller = CommandProcess.Start(partition, settings, "poll");
        await LengthAsync(partition, 3);

        Assert.InRange(PeakMebibytes(poller.Id), 1, 200);
        Assert.Equal(0, await poller.TerminateAsync());
    }

    private static LocalSettings Settings(TestPartition partition)
    {
        var settings = partition.PollingSettings();
        settings["POLL_SCHEDULE"] = "* * * * * *";
        settings["Polling:ConnectionsPerServer"] = "8";
        settings["Polling:MaxMessageBytes"] = "157286400";
        settings["Logging:Console:LogLevel:Default"] = "Information";
        // .NET takes it from the size of the processor's cache. Hexadecimal: 4 MiB.
        settings["DOTNET_GCgen0size"] = "400000";
        return settings;
    }

    private static byte[] Large(int number) => TestMail.Of(number, new string('x', MailBytes));

    private static Task LengthAsync(TestPartition partition, int length) => Eventually.TrueAsync(
        async () => await partition.Database.StreamLengthAsync(partition.Keys.Stream) == length, "all of it is appended");

    private static long PeakMebibytes(int process) => long.Parse(
        File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024;
}
