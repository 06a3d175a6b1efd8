using System.Security.Cryptography;
using Azure.Storage.Blobs.Models;
using EmailIngestion.Bodies;
using EmailIngestion.Integration.Tests.Bodies;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Messages;
using EmailIngestion.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests large emails that go to the store of bodies while they are fetched.</summary>
public sealed class StreamedMailTests(TestServers servers, Azurite azurite, NodePackages packages)
{
    private const int Bytes = 18_000_003;

    public static TheoryData<BodyStoreKind> Stores => [.. Enum.GetValues<BodyStoreKind>()];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Large_messages_are_stored_byte_for_byte(BodyStoreKind store)
    {
        await using var place = await PlaceAsync(store);
        var partition = place.Partition;
        byte[][] mails =
            [TestMail.Of(1), TestMail.Large(2, Bytes), TestMail.Large(3, 1_000_000), TestMail.Large(4, 1_048_577), TestMail.Of(5)];
        await new MailUser(servers, partition.User).AppendAsync(mails);
        var host = await PollerAsync(place);

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 5), await host.PollAsync());

        var entries = await partition.Database.StreamRangeAsync(partition.Keys.Stream);
        Assert.Equal(5, entries.Length);
        foreach (var (entry, mail) in entries.Zip(mails))
        {
            var headers = EmailHeaders.Read(mail);
            Assert.Equal(
                (headers.Subject, headers.From, headers.MessageId, mail.Length),
                (entry["subject"].ToString(), entry["from"].ToString(), entry["message-id"].ToString(), (int)entry["size"]));
            if (EntryCodec.ReferenceOf(entry.Values) is not { } body)
            {
                Assert.Equal(mail, (byte[])entry["raw"]!);
                continue;
            }

            Assert.Equal((store, mail.Length), (body.Store, (int)body.Size));
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(mail)), body.Sha256);
            var stored = await place.ReadAsync(body);
            Assert.True(stored.AsSpan().SequenceEqual(mail), $"UID {entry["uid"]} has other bytes.");
        }

        await AssertNothingLeftAsync(place);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_poll_that_stops_half_way_leaves_nothing_and_the_next_one_completes(BodyStoreKind store)
    {
        await using var place = await PlaceAsync(store);
        var parts = 0;
        var mailbox = new ScriptedMailbox().Fill(1, 3);
        mailbox.Mails[2] = TestMail.Large(2, Bytes);
        PollService? service = null;
        var stopping = Task.CompletedTask;
        var host = await PollerAsync(place, new HookedMailbox(mailbox)
        {
            // The first request is that of the small email.
            FetchingBodies = () =>
            {
                if (++parts == 3)
                    stopping = service!.StopAsync(CancellationToken.None);
            },
        });
        service = host.Services.GetRequiredService<PollService>();

        var result = await host.PollAsync();
        await stopping;

        Assert.Equal((PollEnd.Stopped, 1), (result.End, result.Appended));
        Assert.Equal(1u, (await place.Partition.CursorAsync())!.Last);
        await AssertNothingLeftAsync(place);
        var next = await PollerAsync(place, mailbox);
        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 2), await next.PollAsync());
    }

    [Fact]
    public async Task A_store_that_is_lost_half_way_makes_the_mailbox_wait()
    {
        await using var place = new FolderPlace(servers);
        var partition = place.Partition;
        var away = Path.Combine(partition.Folder, "elsewhere");
        var parts = 0;
        var mailbox = new ScriptedMailbox().Fill(1, 3);
        mailbox.Mails[2] = TestMail.Large(2, Bytes);
        var host = await PollerAsync(place, new HookedMailbox(mailbox)
        {
            FetchingBodies = () =>
            {
                if (++parts == 3)
                    Directory.Move(place.Root, away);
            },
        });

        var result = await host.PollAsync();

        Assert.Equal((PollEnd.StoreAway, 1), (result.End, result.Appended));
        Assert.Equal(1u, (await partition.CursorAsync())!.Last);
        Assert.Contains("waits before a large email", await partition.ErrorAsync(partition.Mailbox()), StringComparison.Ordinal);
        Directory.Move(away, place.Root);
        var left = Assert.Single(Directory.GetFiles(place.Root, "*.tmp", SearchOption.AllDirectories));
        await Eventually.TrueAsync(async () => (await host.PollAsync()).End == PollEnd.Complete, "the store's circuit is closed again");
        Assert.Equal(3u, (await partition.CursorAsync())!.Last);
        // The orphan pass lists the bodies.
        File.SetLastWriteTimeUtc(left, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-2));
        Assert.Single(await place.ListAsync());
        await AssertNothingLeftAsync(place);
    }

    private async Task<BodyPlace> PlaceAsync(BodyStoreKind kind) => kind switch
    {
        BodyStoreKind.Redis => new RedisPlace(servers),
        BodyStoreKind.Folder => new FolderPlace(servers),
        _ => await BlobPlace.CreateAsync(servers, azurite, packages),
    };

    private static Task<WebApplication> PollerAsync(BodyPlace place, IMailbox? mailbox = null)
    {
        void Change(Local.Hosting.LocalSettings settings)
        {
            settings["Bodies:Store"] = place.Options.Store.ToString();
            settings["Bodies:Folder"] = place.Options.Folder;
            settings["Bodies:Container"] = place.Options.Container;
            settings["Bodies:ConnectionString"] = place.Options.ConnectionString;
        }

        return mailbox is null ? place.Partition.StartPollerAsync(Change) : place.Partition.StartPollerAsync(mailbox, Change);
    }

    private static async Task AssertNothingLeftAsync(BodyPlace place)
    {
        Assert.DoesNotContain(place.Partition.AllKeys(), key => ((string)key!).Contains("_incoming", StringComparison.Ordinal)
            || ((string)key!).Contains("_staged", StringComparison.Ordinal));
        if (place is FolderPlace folder && Directory.Exists(folder.Root))
            Assert.Empty(Directory.GetFiles(folder.Root, "*.tmp", SearchOption.AllDirectories));
        if (place is not BlobPlace blobs)
            return;
        // A request that was given up may still leave a block. Azure deletes blocks that are not committed.
        await foreach (var blob in blobs.Container.GetBlobsAsync(BlobTraits.None, BlobStates.None, null, Cancel))
            Assert.DoesNotContain("/.incoming/", blob.Name, StringComparison.Ordinal);
    }
}
