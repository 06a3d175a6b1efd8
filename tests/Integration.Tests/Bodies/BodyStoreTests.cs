using EmailIngestion.Bodies;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Messages;
using Xunit;

namespace EmailIngestion.Integration.Tests.Bodies;

/// <summary>What every store of bodies does alike.</summary>
public sealed class BodyStoreTests(TestServers servers, Azurite azurite, NodePackages packages)
{
    public static TheoryData<BodyStoreKind> Stores => [.. Enum.GetValues<BodyStoreKind>()];

    public static TheoryData<BodyStoreKind> OutsideRedis => [BodyStoreKind.Folder, BodyStoreKind.AzureBlob];

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_body_is_read_as_it_was_written(BodyStoreKind kind)
    {
        await using var place = await PlaceAsync(kind);
        foreach (var length in new[] { 1, 200_000, 1024 * 1024, 9_000_001 })
        {
            var content = BodyPlace.Content(length);
            Assert.Equal(content, await place.ReadAsync(await place.WriteAsync(content)));
        }
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_second_write_of_an_email_has_the_same_name(BodyStoreKind kind)
    {
        await using var place = await PlaceAsync(kind);
        var content = BodyPlace.Content(300_000);
        var first = await place.WriteAsync(content, new EmailId(7));
        var second = await place.WriteAsync(content, new EmailId(7));
        Assert.Equal(first, second);
        Assert.Equal([first.Name], (await place.ListAsync()).Select(body => body.Name));
        Assert.EndsWith($"00000000000000000000000000000007-{BodyName.Digest(content)}", first.Name, StringComparison.Ordinal);
        Assert.Equal(content, await place.ReadAsync(first));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_reference_comes_through_the_fields_of_an_entry(BodyStoreKind kind)
    {
        await using var place = await PlaceAsync(kind);
        var body = await place.WriteAsync(BodyPlace.Content(10));
        Assert.Equal((body, null), BodyReference.Parse(body.StoreText, body.Name, body.SizeText, body.Sha256));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_body_that_is_not_there_is_missing(BodyStoreKind kind)
    {
        await using var place = await PlaceAsync(kind);
        var content = BodyPlace.Content(10);
        var body = await place.Store.NameAsync(
            new EmailId(8), content.Length, BodyName.Digest(content), TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAsync<BodyStoreException>(() => place.ReadAsync(body));
        Assert.Equal(BodyFailure.Missing, error.Failure);
        Assert.Null(await place.Store.FindAsync(body.Name, TestContext.Current.CancellationToken));
        Assert.False(await place.Store.DeleteAsync(
            new StoredBody(body.Name, 10, DateTimeOffset.MinValue, "1"), TestContext.Current.CancellationToken));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_body_that_somebody_changed_is_never_read_to_its_end(BodyStoreKind kind)
    {
        await using var place = await PlaceAsync(kind);
        var content = BodyPlace.Content(3_000_000);
        byte[] other = [.. content];
        other[^1] ^= 1;
        foreach (var changed in new[] { other, content[..^1], [.. content, 0], content[..1] })
        {
            var body = await place.WriteAsync(content, new EmailId(9));
            await place.TamperAsync(body.Name, changed);
            var copied = new MemoryStream();
            var error = await Assert.ThrowsAsync<BodyStoreException>(async () =>
            {
                await using var stream = await place.Store.OpenAsync(body, TestContext.Current.CancellationToken);
                await stream.CopyToAsync(copied, TestContext.Current.CancellationToken);
            });
            Assert.Equal(BodyFailure.Mismatch, error.Failure);
            Assert.StartsWith($"Body {body.Name} has ", error.Message, StringComparison.Ordinal);
            Assert.True(copied.Length <= content.Length, "More than the reference says was read.");
        }
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_size_that_lies_is_refused_before_anything_is_read(BodyStoreKind kind)
    {
        await using var place = await PlaceAsync(kind);
        var body = await place.WriteAsync(BodyPlace.Content(300_000));

        var error = await Assert.ThrowsAsync<BodyStoreException>(
            () => place.Store.OpenAsync(body with { Size = BodyReference.MaxSize }, TestContext.Current.CancellationToken));

        Assert.Equal(BodyFailure.Mismatch, error.Failure);
        Assert.Contains($"has 300000 bytes, and its reference says {BodyReference.MaxSize}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_store_that_cannot_be_reached_is_unavailable(BodyStoreKind kind)
    {
        await using var place = await PlaceAsync(kind);
        var content = BodyPlace.Content(10);
        var body = await place.WriteAsync(content);
        var found = await place.Store.FindAsync(body.Name, TestContext.Current.CancellationToken);
        var away = place.Away;
        var uses = new Dictionary<string, Func<Task>>
        {
            ["open"] = () => away.OpenAsync(body, CancellationToken.None),
            ["find"] = () => away.FindAsync(body.Name, CancellationToken.None),
            ["list"] = async () =>
                await away.ListAsync(DateTimeOffset.MaxValue, CancellationToken.None).GetAsyncEnumerator().MoveNextAsync(),
        };
        if (kind != BodyStoreKind.Redis)
        {
            uses["write"] = () => away.WriteAsync(body, new MemoryStream(content), CancellationToken.None);
            uses["check"] = () => away.CheckAsync(CancellationToken.None);
        }

        foreach (var (use, action) in uses)
        {
            var error = await Record.ExceptionAsync(action);
            Assert.True(error is BodyStoreException { Failure: BodyFailure.Unavailable }, $"{use}: {error}");
        }

        Assert.Equal(found, await place.Store.FindAsync(body.Name, TestContext.Current.CancellationToken));
    }

    [Theory]
    [MemberData(nameof(OutsideRedis))]
    public async Task A_delete_removes_the_version_that_was_found(BodyStoreKind kind)
    {
        await using var place = await PlaceAsync(kind);
        var content = BodyPlace.Content(10);
        var body = await place.WriteAsync(content, new EmailId(10));
        var old = await place.Store.FindAsync(body.Name, TestContext.Current.CancellationToken);
        Assert.Equal(10, old!.Size);
        await place.WriteAsync(content, new EmailId(10));
        Assert.False(await place.Store.DeleteAsync(old, TestContext.Current.CancellationToken));
        Assert.Equal(content, await place.ReadAsync(body));

        var fresh = await place.Store.FindAsync(body.Name, TestContext.Current.CancellationToken);
        Assert.True(await place.Store.DeleteAsync(fresh!, TestContext.Current.CancellationToken));
        Assert.False(await place.Store.DeleteAsync(fresh!, TestContext.Current.CancellationToken));
        Assert.Empty(await place.ListAsync());
    }

    [Theory]
    [MemberData(nameof(OutsideRedis))]
    public async Task A_list_has_new_bodies_too_so_that_no_item_waits_for_an_old_one(BodyStoreKind kind)
    {
        await using var place = await PlaceAsync(kind);
        var body = await place.WriteAsync(BodyPlace.Content(10));
        var listed = Assert.Single(await place.ListAsync());
        Assert.Equal(await place.Store.FindAsync(body.Name, TestContext.Current.CancellationToken), listed);
        Assert.Equal([listed], await place.ListAsync(listed.WrittenAt.AddDays(-1)));
    }

    [Theory]
    [MemberData(nameof(OutsideRedis))]
    public async Task A_source_that_fails_leaves_nothing_and_keeps_its_exception(BodyStoreKind kind)
    {
        await using var place = await PlaceAsync(kind);
        var body = await place.Store.NameAsync(
            new EmailId(11), 9_000_000, BodyName.Digest([1]), TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAsync<IOException>(
            () => place.Store.WriteAsync(body, new BreakingStream(8_999_999), TestContext.Current.CancellationToken));
        Assert.Equal(BreakingStream.Message, error.Message);
        Assert.Empty(await place.ListAsync());
    }

    [Theory]
    [MemberData(nameof(OutsideRedis))]
    public async Task A_cancelled_write_leaves_nothing(BodyStoreKind kind)
    {
        await using var place = await PlaceAsync(kind);
        var body = await place.Store.NameAsync(
            new EmailId(12), 9_000_000, BodyName.Digest([1]), TestContext.Current.CancellationToken);
        using var cancel = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => place.Store.WriteAsync(body, new BreakingStream(8_999_999, cancel), cancel.Token));
        Assert.Empty(await place.ListAsync());
    }

    // As the runbook has it for a store that was lost.
    [Theory]
    [MemberData(nameof(OutsideRedis))]
    public async Task After_a_new_scope_the_bodies_of_a_lost_store_are_missing(BodyStoreKind kind)
    {
        await using var place = await PlaceAsync(kind);
        var lost = await place.WriteAsync(BodyPlace.Content(10));
        await place.LoseAsync();
        Assert.Equal(BodyFailure.Unavailable, (await Assert.ThrowsAsync<BodyStoreException>(() => place.ReadAsync(lost))).Failure);
        Assert.Equal(
            BodyFailure.Unavailable,
            (await Assert.ThrowsAsync<BodyStoreException>(() => place.WriteAsync(BodyPlace.Content(10)))).Failure);

        await place.Partition.Database.HashDeleteAsync(place.Partition.Keys.Bodies.Scopes, lost.StoreText);
        Assert.Equal(BodyFailure.Missing, (await Assert.ThrowsAsync<BodyStoreException>(() => place.ReadAsync(lost))).Failure);
        Assert.Equal(20, (await place.ReadAsync(await place.WriteAsync(BodyPlace.Content(20)))).Length);
    }

    [Theory]
    [MemberData(nameof(OutsideRedis))]
    public async Task Two_systems_in_one_place_do_not_see_each_other(BodyStoreKind kind)
    {
        await using var place = await PlaceAsync(kind);
        await using var other = new RedisPlace(servers);
        var store = new BodyStores(place.Options, other.Partition.Keys.Bodies, other.Partition.Connection, TimeProvider.System).Current;
        var content = BodyPlace.Content(10);
        var own = await place.WriteAsync(content, new EmailId(13));
        var others = await store.NameAsync(new EmailId(13), 10, own.Sha256, TestContext.Current.CancellationToken);
        Assert.NotEqual(own.Name, others.Name);
        await store.WriteAsync(others, new MemoryStream(content), TestContext.Current.CancellationToken);
        Assert.Equal([own.Name], (await place.ListAsync()).Select(body => body.Name));
    }

    private async Task<BodyPlace> PlaceAsync(BodyStoreKind kind) => kind switch
    {
        BodyStoreKind.Redis => new RedisPlace(servers),
        BodyStoreKind.Folder => new FolderPlace(servers),
        _ => await BlobPlace.CreateAsync(servers, azurite, packages),
    };
}
