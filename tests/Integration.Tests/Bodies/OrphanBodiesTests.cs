using EmailIngestion.Bodies;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Messages;
using EmailIngestion.Streams.Orphans;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Bodies;

/// <summary>The passes that delete bodies: they never delete one that anything refers to.</summary>
public sealed class OrphanBodiesTests(TestServers servers, Azurite azurite, NodePackages packages)
{
    private static readonly TimeSpan Age = TimeSpan.FromDays(2);

    [Fact]
    public async Task An_old_body_without_a_referer_is_deleted_and_each_other_is_kept()
    {
        await using var place = new FolderPlace(servers);
        var (orphan, young) = (await OldAsync(place), await place.WriteAsync(BodyPlace.Content(10)));
        var (entry, deadLetter, both) = (await OldAsync(place), await OldAsync(place), await OldAsync(place));
        await ReferAsync(place, entry, stream: true);
        await ReferAsync(place, deadLetter, stream: false);
        await ReferAsync(place, both, stream: true);
        await ReferAsync(place, both, stream: false);

        var report = await Pass(place).PassAsync(TestContext.Current.CancellationToken);
        Assert.Equal((1, 1, 0), (report.Found, report.Deleted, report.Unknown));
        await AssertKeptAsync(place, young, entry, deadLetter, both);
        Assert.Null(await place.Store.FindAsync(orphan.Name, TestContext.Current.CancellationToken));
        Assert.Equal(0, (await Pass(place).PassAsync(TestContext.Current.CancellationToken)).Found);
    }

    [Fact]
    public async Task A_referer_that_somebody_deleted_from_the_stream_does_not_count()
    {
        await using var place = new FolderPlace(servers);
        var (vanished, twice) = (await OldAsync(place), await OldAsync(place));
        var entry = await ReferAsync(place, vanished, stream: true);
        var half = await ReferAsync(place, twice, stream: true);
        var deadLetter = await ReferAsync(place, twice, stream: false);
        await place.Partition.Database.StreamDeleteAsync(place.Partition.Keys.Stream, [entry, half]);

        // The pass releases the body, and the cleaner deletes it a minute later.
        Assert.Equal(0, (await Pass(place).PassAsync(TestContext.Current.CancellationToken)).Found);
        await AssertKeptAsync(place, twice, vanished);
        var bodies = place.Partition.Keys.Bodies;
        Assert.True((await place.Partition.Database.SortedSetScoreAsync(bodies.Released, vanished.Name)).HasValue);
        Assert.Equal($"10 d:{deadLetter}", await place.Partition.Database.HashGetAsync(bodies.Referers, twice.Name));
        Assert.False(await place.Partition.Database.HashExistsAsync(bodies.Referers, vanished.Name));
    }

    // A failover that loses the settle has the entry again.
    [Fact]
    public async Task A_released_body_keeps_its_minute_however_old_it_is()
    {
        await using var place = new FolderPlace(servers);
        var (released, orphan) = (await OldAsync(place), await OldAsync(place));
        await place.Partition.Database.SortedSetAddAsync(place.Partition.Keys.Bodies.Released, released.Name, 1);

        Assert.Equal(1, (await Pass(place).PassAsync(TestContext.Current.CancellationToken)).Deleted);
        await AssertKeptAsync(place, released);
        Assert.Null(await place.Store.FindAsync(orphan.Name, TestContext.Current.CancellationToken));
        var cleaner = new BodyCleaner(
            new BodyStores(place.Options, [place.Store]), Referers(place), TimeProvider.System);
        Assert.Equal(1, await cleaner.PassAsync(TestContext.Current.CancellationToken));
        Assert.Null(await place.Store.FindAsync(released.Name, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_body_in_Redis_goes_with_the_entry_that_somebody_deleted()
    {
        await using var place = new RedisPlace(servers);
        var (kept, vanished) = (await place.WriteAsync(BodyPlace.Content(10)), await place.WriteAsync(BodyPlace.Content(10)));
        await ReferAsync(place, kept, stream: true);
        var report = await Pass(place).PassAsync(TestContext.Current.CancellationToken);
        Assert.Equal((1, 1), (report.Found, report.Deleted));
        await AssertKeptAsync(place, kept);
        Assert.Null(await place.Store.FindAsync(vanished.Name, TestContext.Current.CancellationToken));
    }

    // The writer comes between the question to Redis and the delete.
    [Theory]
    [InlineData(BodyStoreKind.Folder)]
    [InlineData(BodyStoreKind.AzureBlob)]
    public async Task A_body_that_is_written_and_appended_during_the_pass_is_kept(BodyStoreKind kind)
    {
        await using BodyPlace place = kind == BodyStoreKind.Folder
            ? new FolderPlace(servers)
            : await BlobPlace.CreateAsync(servers, azurite, packages);
        var content = BodyPlace.Content(10);
        var body = await place.WriteAsync(content, new EmailId(1));
        var store = new RewritingStore(place.Store, async _ =>
        {
            await place.WriteAsync(content, new EmailId(1));
            await ReferAsync(place, body, stream: true);
        });
        // By its clock all bodies are old.
        var clock = new ShiftedTime { Shift = TimeSpan.FromDays(3) };
        var report = await Pass(place, store, clock).PassAsync(TestContext.Current.CancellationToken);
        Assert.Equal((1, 0), (report.Found, report.Deleted));
        await AssertKeptAsync(place, body);
    }

    [Fact]
    public async Task Passes_and_writers_at_the_same_time_lose_nothing()
    {
        await using var place = new FolderPlace(servers);
        var bodies = new List<BodyReference>();
        for (var n = 0; n < 300; n++)
            bodies.Add(await OldAsync(place, new EmailId((UInt128)n + 1)));
        using var ended = new CancellationTokenSource();
        var passes = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            var deleted = 0L;
            while (!ended.IsCancellationRequested)
                deleted += (await Pass(place).PassAsync(CancellationToken.None)).Deleted;
            return deleted;
        })).ToArray();
        // The orphans of a crash, whose emails are polled again while they are collected.
        await Parallel.ForEachAsync(bodies.Index().Where(item => item.Index % 3 != 0), async (item, _) =>
        {
            await place.WriteAsync(Contents(item.Index + 1), new EmailId((UInt128)item.Index + 1));
            await ReferAsync(place, item.Item, stream: true);
        });
        await ended.CancelAsync();
        await Task.WhenAll(passes);
        await Pass(place).PassAsync(TestContext.Current.CancellationToken);

        var referred = bodies.Index().Where(item => item.Index % 3 != 0).Select(item => item.Item).ToArray();
        await AssertKeptAsync(place, referred);
        Assert.Equal(referred.Length, (await place.ListAsync()).Count);
    }

    // With the hash all is gone that Redis knows of the referers.
    [Fact]
    public async Task Without_the_hash_of_referers_no_older_body_is_deleted()
    {
        await using var place = new FolderPlace(servers);
        var referred = await OldAsync(place);
        await ReferAsync(place, referred, stream: true);
        await place.Partition.Database.KeyDeleteAsync(place.Partition.Keys.Bodies.Referers);

        var report = await Pass(place).PassAsync(TestContext.Current.CancellationToken);
        Assert.Equal((1, 0, 1), (report.Found, report.Deleted, report.Unknown));
        await AssertKeptAsync(place, referred);
    }

    [Fact]
    public async Task A_store_that_is_away_deletes_nothing_and_stops_no_other_store()
    {
        await using var place = new FolderPlace(servers);
        await using var redis = new RedisPlace(servers);
        await OldAsync(place);
        var stores = new BodyStores(
            place.Options, [place.Away, new RedisBodyStore(place.Partition.Keys.Bodies, place.Partition.Connection)]);
        var vanished = new BodyReference(
            BodyStoreKind.Redis, BodyName.Of("", new EmailId(5), BodyName.Digest([1])), 1, BodyName.Digest([1]));
        await place.Partition.Database.StringSetAsync(place.Partition.Keys.Bodies.Body(vanished.Name), "a");
        await place.Partition.Database.HashSetAsync(place.Partition.Keys.Bodies.Referers, vanished.Name, "1 s:1-1");

        var pass = new OrphanBodies(stores, Referers(place), Age, TimeProvider.System);
        var report = await pass.PassAsync(TestContext.Current.CancellationToken);
        Assert.Equal((1, BodyFailure.Unavailable), (report.Deleted, pass.Failure?.Failure));
        Assert.Single(await place.ListAsync());
        Assert.False(await place.Partition.Database.KeyExistsAsync(place.Partition.Keys.Bodies.Body(vanished.Name)));
    }

    private static async Task<BodyReference> OldAsync(FolderPlace place, EmailId? id = null)
    {
        var body = await place.WriteAsync(id is { } known ? Contents((int)known.Value) : BodyPlace.Content(10), id);
        place.Age(body.Name, TimeSpan.FromDays(3));
        // The hash is as old as the bodies.
        await place.Partition.Database.HashSetAsync(place.Partition.Keys.Bodies.Referers, "since", "1");
        return body;
    }

    private static byte[] Contents(int number) => BitConverter.GetBytes(number);

    private static BodyReferers Referers(BodyPlace place) => new(place.Partition.Keys, place.Partition.Connection);

    private static OrphanBodies Pass(BodyPlace place, IBodyStore? store = null, TimeProvider? time = null) =>
        new(new BodyStores(place.Options, [store ?? place.Store]), Referers(place), Age, time ?? TimeProvider.System);

    // As the scripts of the append and of the dead letter do: the entry and the referer in one step.
    private static async Task<RedisValue> ReferAsync(BodyPlace place, BodyReference body, bool stream)
    {
        const string Script = """
            local id = redis.call('XADD', KEYS[1], '*', 'raw-name', ARGV[1])
            local known = redis.call('HGET', KEYS[2], ARGV[1])
            redis.call('HSET', KEYS[2], ARGV[1], (known or ARGV[2]) .. ' ' .. ARGV[3] .. id)
            return id
            """;
        var keys = place.Partition.Keys;
        return (RedisValue)await place.Partition.Database.ScriptEvaluateAsync(
            Script,
            [stream ? keys.Stream : keys.DeadLetters, keys.Bodies.Referers],
            [body.Name, body.Size, stream ? "s:" : "d:"]);
    }

    private static async Task AssertKeptAsync(BodyPlace place, params BodyReference[] bodies)
    {
        foreach (var body in bodies)
            Assert.Equal(body.Size, (await place.ReadAsync(body)).Length);
    }
}
