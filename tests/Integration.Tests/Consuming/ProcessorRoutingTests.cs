using EmailIngestion.Configuration;
using EmailIngestion.Consuming;
using EmailIngestion.Hosting;
using EmailIngestion.Integration.Tests.Processing;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Messages;
using EmailIngestion.Processing;
using EmailIngestion.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Polly.CircuitBreaker;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>Tests one consumer of several mailboxes, each with processors of its own.</summary>
public sealed class ProcessorRoutingTests(TestServers servers) : IAsyncLifetime
{
    private const string Sales = "sales/INBOX";
    private const string Support = "support/INBOX";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Receiver _sales = null!;
    private Receiver _support = null!;

    public async ValueTask InitializeAsync() => (_sales, _support) = (await Receiver.StartAsync(), await Receiver.StartAsync());

    public async ValueTask DisposeAsync()
    {
        await _sales.DisposeAsync();
        await _support.DisposeAsync();
    }

    [Fact]
    public async Task Each_mailbox_has_its_own_processors_and_an_unknown_one_the_default()
    {
        await using var partition = await PartitionAsync(sales: 3, support: 4);
        await Mails.AppendAsync(partition.Partition.Stream, 2);
        await StartAsync(partition, ("Mailboxes:1:Processor", "archive,webhook:support"));
        await partition.DrainedAsync();

        Assert.Equal(3, _sales.Requests.Count);
        Assert.Equal(4, _support.Requests.Count);
        // Those of support, and those of the mailbox that the consumer does not know.
        Assert.Equal(6, Directory.GetFiles(partition.Archive, "*.json", SearchOption.AllDirectories).Length);
        Assert.Empty(await partition.DeadLettersAsync());
    }

    [Fact]
    public async Task A_changed_setting_reaches_emails_that_are_queued()
    {
        await using var partition = await PartitionAsync(sales: 5, support: 0);
        _sales.Answer = Receiver.Status(503);
        await using (await StartAsync(partition))
            await Eventually.TrueAsync(() => _sales.Requests.Count >= 5, "the first receiver has refused");
        await StartAsync(partition, ("Mailboxes:0:Processor", "webhook:support"));
        await partition.DrainedAsync();
        Assert.Equal(5, _support.Requests.Select(request => request.Headers["webhook-id"]).Distinct().Count());
    }

    [Fact]
    public async Task A_file_that_changes_routes_the_emails_that_come_next()
    {
        await using var partition = await PartitionAsync(sales: 0, support: 0);
        var file = Path.Combine(partition.Folder, "mailboxes.json");
        // The file does not exist yet.
        var host = await StartAsync(
            partition, ("MAILBOXES_FILE", file), ("Mailboxes:0:Processor", "archive"), ("Mailboxes:1:Processor", "archive"));
        var changes = host.Services.GetRequiredService<MailboxChanges>();
        await AppendAsync(partition.Partition.Stream, "third/INBOX", 1, 3);
        await partition.DrainedAsync();

        await File.WriteAllTextAsync(file, """[{ "Account": "third", "Processor": "webhook:sales" }]""", Token);
        await changes.CheckAsync();
        await AppendAsync(partition.Partition.Stream, "third/INBOX", 4, 8);
        await partition.DrainedAsync();
        Assert.Equal(5, _sales.Requests.Count);

        // A processor that does not exist refuses the file.
        await File.WriteAllTextAsync(file, """[{ "Account": "third", "Processor": "webhook:nobody" }]""", Token);
        await changes.CheckAsync();
        await AppendAsync(partition.Partition.Stream, "third/INBOX", 9, 10);
        await partition.DrainedAsync();
        Assert.Equal(7, _sales.Requests.Count);
        Assert.Equal(["", "webhook:sales"], host.Services.GetRequiredService<Circuits>().All.Select(circuit => circuit.Processors));
    }

    [Fact]
    public async Task A_processor_that_fails_its_check_is_checked_again()
    {
        await using var partition = await PartitionAsync(sales: 0, support: 0);
        var host = await StartAsync(partition, ("Processing:Processor", "webhook:sales"));
        var processors = host.Services.GetRequiredService<ProcessorRunner>();
        // A file where the folder should be.
        await File.WriteAllTextAsync(partition.Archive, "", Token);
        for (var time = 0; time < 2; time++)
            await Assert.ThrowsAsync<SettingsException>(async () => await processors.CheckAsync("Mailboxes:2:Processor", "archive"));

        File.Delete(partition.Archive);
        await processors.CheckAsync("Mailboxes:2:Processor", "archive");
    }

    [Fact]
    public async Task A_dead_receiver_does_not_stop_the_emails_of_others_and_counts_no_delivery()
    {
        await using var partition = await PartitionAsync(sales: 10, support: 10);
        _sales.Answer = Receiver.Status(503);
        // With one delivery, one that is counted wrongly would dead-letter its email.
        var host = await StartAsync(
            partition,
            ("Consumer:MaxDeliveries", "1"), ("Processing:BreakerMinimumThroughput", "2"), ("Processing:BreakDuration", "00:00:01"));
        var circuits = host.Services.GetRequiredService<Circuits>();
        await Eventually.TrueAsync(
            () => circuits.All.Any(circuit => circuit is { Processors: "webhook:sales", State: not CircuitState.Closed }),
            "one circuit opens");
        await AppendAsync(partition.Partition.Stream, Support, 11, 40);
        await Eventually.TrueAsync(() => _support.Requests.Count == 40, "the other receiver gets its emails");

        Assert.All(
            circuits.All.Where(circuit => circuit.Processors != "webhook:sales"),
            circuit => Assert.Equal(CircuitState.Closed, circuit.State));
        Assert.NotEqual(CircuitState.Closed, circuits.State);
        // The dependency is tested again and again, one email at a time.
        var before = _sales.Requests.Count;
        await Eventually.TrueAsync(() => _sales.Requests.Count > before + 2, "the dead receiver is tried");
        Assert.Empty(await partition.DeadLettersAsync());

        _sales.Answer = Receiver.Status(200);
        await partition.DrainedAsync();
        Assert.Equal(50, await Consumers.ProcessedAsync(partition.Database, partition.Keys));
        Assert.Empty(await partition.DeadLettersAsync());
    }

    [Fact]
    public async Task Reading_stops_when_every_receiver_is_dead()
    {
        await using var partition = await PartitionAsync(sales: 60, support: 0);
        _sales.Answer = Receiver.Status(503);
        var host = await StartAsync(
            partition,
            ("Processing:Processor", "webhook:sales"), ("Mailboxes:1:Processor", "webhook:sales"),
            ("Processing:BreakerMinimumThroughput", "2"), ("Processing:BreakDuration", "01:00:00"));
        var circuit = Assert.Single(host.Services.GetRequiredService<Circuits>().All);
        Assert.Empty(circuit.Processors);
        await Eventually.TrueAsync(() => circuit.IsOpen, "the circuit opens");
        var lag = (await partition.Partition.Inspector.ReadSnapshotAsync(details: false, TestContext.Current.CancellationToken)).Lag;
        Assert.InRange(lag, 30, 60);
    }

    private static async Task AppendAsync(EmailStream stream, string mailbox, uint first, uint last)
    {
        if (last < first)
            return;
        await stream.Mailboxes.StartEpochAsync(mailbox, null, Mails.UidValidity, 0, CancellationToken.None);
        var cursor = (await stream.Mailboxes.ReadCursorAsync(mailbox, CancellationToken.None))!;
        var (account, folder) = MailboxName.Split(mailbox);
        AppendItem[] items =
        [
            .. Mails.Items(first, last).Select(item => item with
            {
                Message = item.Message with { Mailbox = mailbox, Id = EmailId.Of(account, folder, Mails.UidValidity, item.Message.Uid) },
            }),
        ];
        await stream.AppendAsync(mailbox, cursor, first - 1, items, Mails.Window, CancellationToken.None);
    }

    private async Task<TestPartition> PartitionAsync(uint sales, uint support)
    {
        var partition = await servers.PartitionWithMailAsync(0);
        await AppendAsync(partition.Partition.Stream, Sales, 1, sales);
        await AppendAsync(partition.Partition.Stream, Support, 1, support);
        return partition;
    }

    private Task<WebApplication> StartAsync(TestPartition partition, params (string Name, string Value)[] changes)
    {
        LocalSettings settings = partition.Settings();
        (string, string)[] all =
        [
            ("Polling:Enabled", "false"), ("Processing:Retries", "0"),
            ("Consumer:Lease", "00:00:03"), ("Consumer:LeaseRenewal", "00:00:00.300"),
            ("Webhooks:sales:Url", _sales.Url), ("Webhooks:sales:Secret", WebhookHost.Secret),
            ("Webhooks:support:Url", _support.Url), ("Webhooks:support:Secret", WebhookHost.Secret),
            ("Mailboxes:0:Account", "sales"), ("Mailboxes:0:Processor", "webhook:sales"),
            ("Mailboxes:1:Account", "support"), ("Mailboxes:1:Processor", "webhook:support"), .. changes,
        ];
        foreach (var (name, value) in all)
            settings[name] = value;
        return partition.StartHostAsync(settings);
    }
}
