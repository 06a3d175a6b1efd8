using EmailIngestion.Bodies;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Messages;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Orphans;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Bodies;

/// <summary>Bodies outside Redis are deleted some time after their last referer.</summary>
public sealed class BodyCleanerTests(TestServers servers)
{
    [Fact]
    public async Task A_released_body_is_deleted_after_a_minute()
    {
        await using var place = new FolderPlace(servers);
        var (due, fresh) = (await place.WriteAsync(BodyPlace.Content(10)), await place.WriteAsync(BodyPlace.Content(10)));
        await ReleaseAsync(place, due, TimeSpan.FromSeconds(61));
        await ReleaseAsync(place, fresh, TimeSpan.FromSeconds(5));

        Assert.Equal(1, await Cleaner(place).PassAsync(TestContext.Current.CancellationToken));
        Assert.Equal([fresh.Name], (await place.ListAsync()).Select(body => body.Name));
        Assert.Equal([fresh.Name], await ReleasedAsync(place));
    }

    // A failover takes Redis back to where the entry was not settled yet, or the email was appended again.
    [Fact]
    public async Task A_released_body_that_something_refers_to_again_is_kept()
    {
        await using var place = new FolderPlace(servers);
        var body = await place.WriteAsync(BodyPlace.Content(10));
        var entry = await place.Partition.Database.StreamAddAsync(place.Partition.Keys.Stream, "raw-name", body.Name);
        await place.Partition.Database.HashSetAsync(place.Partition.Keys.Bodies.Referers, body.Name, $"10 s:{entry}");
        await ReleaseAsync(place, body, TimeSpan.FromMinutes(2));

        Assert.Equal(0, await Cleaner(place).PassAsync(TestContext.Current.CancellationToken));
        Assert.Equal(10, (await place.ReadAsync(body)).Length);
        Assert.Empty(await ReleasedAsync(place));
    }

    [Fact]
    public async Task A_released_body_that_is_written_again_is_kept()
    {
        await using var place = new FolderPlace(servers);
        var content = BodyPlace.Content(10);
        var body = await place.WriteAsync(content, new EmailId(1));
        await ReleaseAsync(place, body, TimeSpan.FromMinutes(2));
        var store = new RewritingStore(place.Store, _ => place.WriteAsync(content, new EmailId(1)));

        Assert.Equal(0, await Cleaner(place, store).PassAsync(TestContext.Current.CancellationToken));
        Assert.Equal(content, await place.ReadAsync(body));
    }

    // Its append may follow. The orphan pass has the body otherwise.
    [Fact]
    public async Task A_released_body_that_was_written_again_lately_is_left_to_the_orphan_pass()
    {
        await using var place = new FolderPlace(servers);
        var content = BodyPlace.Content(10);
        var body = await place.WriteAsync(content, new EmailId(1));
        await ReleaseAsync(place, body, TimeSpan.FromMinutes(2));
        await place.WriteAsync(content, new EmailId(1));

        Assert.Equal(0, await Cleaner(place).PassAsync(TestContext.Current.CancellationToken));
        Assert.Equal(content, await place.ReadAsync(body));
        Assert.Empty(await ReleasedAsync(place));
    }

    [Fact]
    public async Task A_store_that_is_away_keeps_what_was_released_for_the_next_pass()
    {
        await using var place = new FolderPlace(servers);
        var body = await place.WriteAsync(BodyPlace.Content(10));
        await ReleaseAsync(place, body, TimeSpan.FromMinutes(2));

        await Assert.ThrowsAsync<BodyStoreException>(() => Cleaner(place, place.Away).PassAsync(TestContext.Current.CancellationToken));
        Assert.Equal([body.Name], await ReleasedAsync(place));
        Assert.Equal(1, await Cleaner(place).PassAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Names_of_stores_that_are_not_configured_do_not_stop_the_others()
    {
        await using var place = new FolderPlace(servers);
        for (var n = 0; n < BodyReferers.AtOnce + 1; n++)
        {
            var strange = BodyName.Of("0123456789abcdef", new EmailId((UInt128)n), BodyName.Digest([1]));
            await ReleaseAsync(place, new BodyReference(BodyStoreKind.Folder, strange, 1, BodyName.Digest([1])), TimeSpan.FromMinutes(3));
        }

        var body = await place.WriteAsync(BodyPlace.Content(10));
        await ReleaseAsync(place, body, TimeSpan.FromMinutes(2));
        Assert.Equal(1, await Cleaner(place).PassAsync(TestContext.Current.CancellationToken));
        Assert.Empty(await ReleasedAsync(place));
    }

    // Somebody with access to Redis may write any name there, also one that leads out of the folder.
    [Fact]
    public async Task Forged_names_are_forgotten_and_nothing_outside_the_store_is_deleted()
    {
        await using var place = new FolderPlace(servers);
        var body = await place.WriteAsync(BodyPlace.Content(10));
        await ReleaseAsync(place, body, TimeSpan.FromMinutes(2));
        var outside = Path.Combine(place.Partition.Folder, $"outside-{new string('x', BodyName.LocalLength)}");
        await File.WriteAllTextAsync(outside, "of another program", TestContext.Current.CancellationToken);
        File.SetLastWriteTimeUtc(outside, DateTime.UnixEpoch);
        var scope = BodyName.Scope(body.Name);
        RedisValue[] forged =
        [
            "", "x", "../../etc/passwd", $"{scope}/{outside}", $"{scope}{new string('x', BodyName.LocalLength)}/a",
            new byte[] { 0xff, 0xfe, 0 }, $"{body.Name}\n", body.Name.ToUpperInvariant(),
        ];
        foreach (var name in forged)
            await place.Partition.Database.SortedSetAddAsync(place.Partition.Keys.Bodies.Released, name, 1);

        Assert.Equal(1, await Cleaner(place).PassAsync(TestContext.Current.CancellationToken));

        Assert.Empty(await ReleasedAsync(place));
        Assert.Empty(await place.ListAsync());
        Assert.True(File.Exists(outside));
        Assert.ThrowsAny<ArgumentException>(() => new BodyFolder(place.Root, UnixFileMode.None).Of($"{scope}/{outside}"));
    }

    [Fact]
    public async Task A_store_that_is_away_does_not_keep_the_bodies_of_another()
    {
        await using var place = new FolderPlace(servers);
        var body = await place.WriteAsync(BodyPlace.Content(10));
        await ReleaseAsync(place, body, TimeSpan.FromMinutes(2));
        // More than one question returns, and older, so that each pass gets them first.
        var away = new AwayStore("0123456789abcdef");
        var kept = Enumerable.Range(0, BodyReferers.AtOnce + 1)
            .Select(n => BodyName.Of(away.Scope, new EmailId((UInt128)n), BodyName.Digest([1]))).ToArray();
        foreach (var name in kept)
            await ReleaseAsync(place, new BodyReference(away.Kind, name, 1, BodyName.Digest([1])), TimeSpan.FromMinutes(3));
        var cleaner = new BodyCleaner(
            new BodyStores(place.Options, [away, place.Store]),
            new BodyReferers(place.Partition.Keys, place.Partition.Connection),
            TimeProvider.System);

        var failure = await Assert.ThrowsAsync<BodyStoreException>(() => cleaner.PassAsync(TestContext.Current.CancellationToken));

        Assert.Equal(AwayStore.Failure, failure.Message);
        Assert.Empty(await place.ListAsync());
        Assert.Equal(kept.Order(StringComparer.Ordinal), (await ReleasedAsync(place)).Order(StringComparer.Ordinal));
        Assert.Equal(1, away.Calls);
    }

    [Fact]
    public async Task Each_turn_belongs_to_one_process_and_a_failed_one_is_free()
    {
        await using var place = new FolderPlace(servers);
        var body = await place.WriteAsync(BodyPlace.Content(10));
        await ReleaseAsync(place, body, TimeSpan.FromMinutes(2));
        var away = new BodiesOptions { Store = BodyStoreKind.Folder, Folder = Path.Combine(place.Partition.Folder, "not-mounted") };

        await Maintenance(away).PassAsync(TestContext.Current.CancellationToken);
        Assert.Single(await place.ListAsync());
        // The orphan pass has reported what it could do, and is not due again for an hour.
        var (database, keys) = (place.Partition.Database, place.Partition.Keys.Bodies);
        Assert.NotNull(await OrphanReport.ReadAsync(database, keys.Report));
        Assert.True(await database.KeyExistsAsync(keys.Turn(BodyMaintenance.Orphans)));
        Assert.False(await database.KeyExistsAsync(keys.Turn(BodyMaintenance.Cleaning)));
        await database.KeyDeleteAsync([keys.Report, keys.Turn(BodyMaintenance.Orphans)]);
        await Maintenance(place.Options).PassAsync(TestContext.Current.CancellationToken);
        Assert.Empty(await place.ListAsync());

        await ReleaseAsync(place, await place.WriteAsync(BodyPlace.Content(10)), TimeSpan.FromMinutes(2));
        await Maintenance(place.Options).PassAsync(TestContext.Current.CancellationToken);
        Assert.Single(await place.ListAsync());
        var report = await OrphanReport.ReadAsync(database, keys.Report);
        Assert.Equal((0, 0, 0), (report!.Found, report.Deleted, report.Total));

        BodyMaintenance Maintenance(BodiesOptions bodies) => new(
            new StreamPartitions(
                place.Partition.Connection, place.Partition.Options, TimeProvider.System, Options.Create(bodies)),
            place.Partition.Connection,
            Options.Create(bodies),
            TimeProvider.System,
            NullLogger<BodyMaintenance>.Instance);
    }

    private static BodyCleaner Cleaner(FolderPlace place, IBodyStore? store = null) => new(
        new BodyStores(place.Options, [store ?? place.Store]),
        new BodyReferers(place.Partition.Keys, place.Partition.Connection),
        TimeProvider.System);

    private static async Task ReleaseAsync(FolderPlace place, BodyReference body, TimeSpan since)
    {
        // It was written before it was released.
        if (File.Exists(place.PathOf(body.Name)))
            place.Age(body.Name, since);
        await place.Partition.Database.SortedSetAddAsync(
            place.Partition.Keys.Bodies.Released, body.Name, (TimeProvider.System.GetUtcNow() - since).ToUnixTimeMilliseconds());
    }

    private static async Task<string[]> ReleasedAsync(BodyPlace place) =>
    [
        .. (await place.Partition.Database.SortedSetRangeByRankAsync(place.Partition.Keys.Bodies.Released))
            .Select(name => name.ToString()),
    ];
}
