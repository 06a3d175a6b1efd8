using EmailIngestion.Bodies;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests polls of large emails, whose messages go to a store of bodies.</summary>
public sealed class BodyStorePollingTests(TestServers servers)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static readonly byte[] Large = TestMail.Of(5, new string('x', 300_000));

    [Theory]
    [InlineData(BodyStoreKind.Redis, 300_000)]
    [InlineData(BodyStoreKind.Redis, 3_000_000)]
    [InlineData(BodyStoreKind.Folder, 300_000)]
    [InlineData(BodyStoreKind.Folder, 3_000_000)]
    public async Task Only_large_messages_go_to_the_store(BodyStoreKind store, int bytes)
    {
        await using var partition = new TestPartition(servers);
        var large = TestMail.Of(5, new string('x', bytes));
        await new MailUser(servers, partition.User).AppendAsync([.. TestMail.Many(4), large, .. TestMail.Many(5, first: 6)]);
        var poller = await PollerAsync(partition, store);

        var result = await poller.PollAsync();

        Assert.Equal((PollEnd.Complete, 10), (result.End, result.Appended));
        var entries = await partition.Database.StreamRangeAsync(partition.Keys.Stream);
        Assert.Equal([5u], entries.Where(entry => entry["raw"].IsNull).Select(entry => (uint)entry["uid"]));
        Assert.Equal([1u, 2, 3, 4, 5, 6, 7, 8, 9, 10], entries.Select(entry => (uint)entry["uid"]));
        var body = EntryCodec.ReferenceOf(entries[4].Values)!;
        Assert.Equal((store, large.Length), (body.Store, (int)body.Size));
        Assert.Equal(large, await partition.Partition.GuardedBodies.ReadAsync(body, Cancel));
    }

    [Fact]
    public async Task While_the_store_is_away_a_mailbox_waits_before_its_large_email_and_others_go_on()
    {
        await using var partition = new TestPartition(servers);
        var user = new MailUser(servers, partition.User);
        await user.AppendAsync([.. TestMail.Many(4), Large, .. TestMail.Many(5, first: 6)]);
        var other = new MailUser(servers, $"other-{partition.User}");
        await other.AppendAsync(TestMail.Many(7));
        await File.WriteAllTextAsync(partition.Bodies, "not a folder", Cancel);
        var poller = await PollerAsync(
            partition,
            BodyStoreKind.Folder,
            settings =>
            {
                partition.AddMailbox(settings, index: 1);
                settings["Mailboxes:1:Username"] = other.Name;
            });

        var results = await poller.PollAllAsync();

        Assert.Equal((PollEnd.StoreAway, 4), (results[partition.Mailbox()].End, results[partition.Mailbox()].Appended));
        Assert.Equal((PollEnd.Complete, 7), (results[$"{other.Name}/INBOX"].End, results[$"{other.Name}/INBOX"].Appended));
        Assert.Equal(4u, (await partition.CursorAsync())!.Last);
        Assert.Contains("waits before a large email", await partition.ErrorAsync(partition.Mailbox()), StringComparison.Ordinal);

        File.Delete(partition.Bodies);
        await Eventually.TrueAsync(
            async () => (await poller.PollAllAsync())[partition.Mailbox()].End == PollEnd.Complete, "the store's circuit is closed again");

        Assert.Equal(10u, (await partition.CursorAsync())!.Last);
        Assert.Null(await partition.ErrorAsync(partition.Mailbox()));
        Assert.Single(await partition.ReferersAsync());
    }

    // A user of a version that wrote no bodies in pieces.
    [Fact]
    public async Task A_user_without_the_rights_to_write_bodies_to_Redis_polls_into_another_store()
    {
        await using var partition = new TestPartition(servers);
        await partition.Database.ExecuteAsync(
            "ACL", "SETUSER", "former", "on", ">secret", "resetkeys", "~*", "&*", "+@all", "-append", "-strlen", "-rename");
        await new MailUser(servers, partition.User).AppendAsync([TestMail.Of(1), TestMail.Large(2, 3_000_000)]);
        var poller = await PollerAsync(
            partition, BodyStoreKind.Folder, settings => settings["Streams:ConnectionString"] += ",user=former,password=secret");

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 2), await poller.PollAsync());
    }

    [Fact]
    public async Task A_crash_between_the_write_and_the_append_leaves_one_body_and_one_entry()
    {
        await using var partition = new TestPartition(servers, bodies: bodies => bodies.Store = BodyStoreKind.Folder);
        await new MailUser(servers, partition.User).AppendAsync([Large]);
        var poller = await PollerAsync(partition, BodyStoreKind.Folder);
        // The poller that writes the body and dies: its email is appended, and Redis loses the append.
        await poller.PollAsync();
        await partition.Database.KeyDeleteAsync(
            [partition.Keys.Stream, partition.Keys.Bodies.Referers, partition.Keys.Cursor(partition.Mailbox())]);
        var next = await PollerAsync(partition, BodyStoreKind.Folder);

        var result = await next.PollAsync();

        Assert.Equal((PollEnd.Complete, 1), (result.End, result.Appended));

        var entry = Assert.Single(await partition.Database.StreamRangeAsync(partition.Keys.Stream));
        Assert.Equal(Large, await partition.Partition.GuardedBodies.ReadAsync(EntryCodec.ReferenceOf(entry.Values)!, Cancel));
        Assert.Single(await partition.ReferersAsync());
        Assert.Single(Directory.GetFiles(partition.Bodies, "*-*", SearchOption.AllDirectories));
    }

    private static Task<Microsoft.AspNetCore.Builder.WebApplication> PollerAsync(
        TestPartition partition, BodyStoreKind store, Action<LocalSettings>? change = null) =>
        partition.StartPollerAsync(settings =>
        {
            settings["Bodies:Store"] = store.ToString();
            settings["Bodies:Folder"] = partition.Bodies;
            change?.Invoke(settings);
        });
}
