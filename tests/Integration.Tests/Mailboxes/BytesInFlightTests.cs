using System.Globalization;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests that the bytes of mail in one process are bounded over all of its mailboxes.</summary>
public sealed class BytesInFlightTests(TestServers servers)
{
    private const int Limit = 32 * 1024 * 1024;
    private const int Mebibyte = 1024 * 1024;

    [Fact]
    public async Task Many_mailboxes_of_large_mail_are_read_within_the_limit()
    {
        await using var partition = new TestPartition(servers);
        var body = TestMail.Of(1, new string('x', 900_000));
        var host = await StartAsync(partition, Enumerable.Range(0, 4).Select(_ => Mailbox(40, body)));

        var polls = await PollAsync(host);

        Assert.All(polls.Values, poll => Assert.Equal(new PollResult(PollEnd.Complete, Appended: 40), poll));
        Assert.InRange(Bytes(host).Peak, 8 * body.Length, Limit);
    }

    [Fact]
    public async Task Large_mail_takes_the_same_few_bytes_whatever_its_size()
    {
        await using var partition = new TestPartition(servers);
        var large = TestMail.Of(1, new string('x', Limit + Mebibyte));
        var host = await StartAsync(partition, [Mailbox(2, large), Mailbox(40, TestMail.Of(1)), Mailbox(1, large)]);

        var polls = await PollAsync(host);

        Assert.Equal([2, 40, 1], polls.OrderBy(poll => poll.Key, StringComparer.Ordinal).Select(poll => poll.Value.Appended));
        // Two large emails at a time, and 32 KiB for each of the small ones.
        Assert.InRange(Bytes(host).Peak, 2 * PieceBuffers.PieceBytes, 7 * PieceBuffers.PieceBytes);
    }

    [Fact]
    public async Task A_wrong_size_of_the_server_is_replaced_by_the_real_one()
    {
        await using var partition = new TestPartition(servers);
        var body = TestMail.Of(1, new string('x', Mebibyte / 2));
        var mailbox = Mailbox(20, body);
        for (uint uid = 1; uid <= 20; uid++)
            mailbox.Announced[uid] = uid % 2 == 0 ? 1 : 900_000;
        var host = await StartAsync(partition, [mailbox]);

        Assert.Equal(20, (await PollAsync(host)).Values.Single().Appended);

        Assert.True(Bytes(host).Peak >= 10 * body.Length);
        Assert.True(Bytes(host).TakeAsync(Limit, TestContext.Current.CancellationToken).IsCompleted);
    }

    [Fact]
    public async Task Failed_polls_release_their_bytes()
    {
        await using var partition = new TestPartition(servers);
        var mailbox = Mailbox(20, TestMail.Of(1, new string('x', Mebibyte)));
        mailbox.WithoutBody.Add(3);
        mailbox.DiesAfterBodies = 5;
        var host = await StartAsync(partition, [mailbox]);

        for (var poll = 0; poll < 8; poll++)
            await PollAsync(host);

        Assert.Equal(19, (await partition.EmailsAsync()).Count);
        Assert.True(Bytes(host).TakeAsync(Limit, TestContext.Current.CancellationToken).IsCompleted);
    }

    [Fact]
    public async Task A_poll_that_times_out_while_it_waits_for_others_is_not_a_failure()
    {
        await using var partition = new TestPartition(servers);
        var host = await StartAsync(
            partition, [Mailbox(1, TestMail.Of(1, new string('x', Mebibyte)))], settings => settings["Polling:Deadline"] = "00:00:03");
        await Bytes(host).TakeAsync(Limit, TestContext.Current.CancellationToken);

        Assert.Equal(new PollResult(PollEnd.Deadline), (await PollAsync(host)).Values.Single());

        Bytes(host).Release(Limit);
        Assert.Equal(1, (await PollAsync(host)).Values.Single().Appended);
        Assert.Equal(0, Bytes(host).Waiting);
    }

    [Fact]
    public async Task A_poll_that_ends_by_backpressure_does_not_wait_for_bytes()
    {
        await using var partition = new TestPartition(servers);
        var mailbox = Mailbox(1, TestMail.Of(1));
        var host = await StartAsync(partition, [mailbox], settings =>
        {
            settings["Streams:MaxStreamLength"] = "2";
            settings["Polling:FetchBatch"] = "8";
            settings["Polling:Deadline"] = "00:00:10";
        });
        Assert.Equal(1, (await PollAsync(host)).Values.Single().Appended);
        for (uint uid = 2; uid <= 40; uid++)
            mailbox.Mails[uid] = TestMail.Of(1, new string('x', 900_000));
        // The limit has room for one batch.
        await Bytes(host).TakeAsync(Limit - (8 * Mebibyte), TestContext.Current.CancellationToken);

        Assert.Equal(new PollResult(PollEnd.BackPressure, Appended: 1), (await PollAsync(host)).Values.Single());
    }

    private static PollBudget Bytes(WebApplication host) => host.Services.GetRequiredService<PollBudget>();

    private static Task<IReadOnlyDictionary<string, PollResult>> PollAsync(WebApplication host) => host.PollAllAsync();

    private static ScriptedMailbox Mailbox(int count, byte[] body)
    {
        var mailbox = new ScriptedMailbox();
        for (uint uid = 1; uid <= count; uid++)
            mailbox.Mails[uid] = body;
        return mailbox;
    }

    private static Task<WebApplication> StartAsync(
        TestPartition partition, IEnumerable<ScriptedMailbox> mailboxes, Action<LocalSettings>? change = null)
    {
        var settings = partition.PollingSettings();
        settings["Polling:MaxBytesInFlight"] = Limit.ToString(CultureInfo.InvariantCulture);
        settings["Polling:ConnectionsPerServer"] = "8";
        var byName = new Dictionary<string, ScriptedMailbox>(StringComparer.Ordinal);
        foreach (var mailbox in mailboxes)
        {
            var index = byName.Count;
            partition.AddMailbox(settings, index: index);
            settings[$"Mailboxes:{index}:Account"] = $"account{index}";
            byName[$"account{index}/INBOX"] = mailbox;
        }

        change?.Invoke(settings);
        return partition.StartHostAsync(
            settings, services => services.AddSingleton<Func<MailboxOptions, IMailbox>>(_ => options => byName[options.Name]));
    }
}
