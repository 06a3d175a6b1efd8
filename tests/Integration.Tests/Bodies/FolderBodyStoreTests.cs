using System.Diagnostics;
using EmailIngestion.Bodies;
using EmailIngestion.Configuration;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Messages;
using Xunit;

namespace EmailIngestion.Integration.Tests.Bodies;

/// <summary>What a folder of bodies survives.</summary>
public sealed class FolderBodyStoreTests(TestServers servers)
{
    [Fact]
    public async Task Only_the_owner_can_read_files_and_enter_folders()
    {
        if (OperatingSystem.IsWindows())
            return;
        await using var place = new FolderPlace(servers);
        var body = await place.WriteAsync(BodyPlace.Content(10));
        Assert.Equal(UnixMode.OwnersFile, File.GetUnixFileMode(place.PathOf(body.Name)));
        var folder = Path.GetDirectoryName(place.PathOf(body.Name))!;
        for (; folder != place.Partition.Folder; folder = Path.GetDirectoryName(folder)!)
            Assert.Equal(UnixMode.OwnersFolder, File.GetUnixFileMode(folder));
    }

    // What a process leaves that is killed between the write and the rename.
    [Fact]
    public async Task A_file_that_was_never_renamed_is_no_body_and_is_deleted_after_a_day()
    {
        await using var place = new FolderPlace(servers);
        var body = await place.WriteAsync(BodyPlace.Content(10));
        var incoming = Path.Combine(place.Root, BodyName.Scope(body.Name), ".incoming");
        var (fresh, old) = (Path.Combine(incoming, "a.tmp"), Path.Combine(incoming, "b.tmp"));
        foreach (var left in new[] { fresh, old })
            await File.WriteAllBytesAsync(left, [1], TestContext.Current.CancellationToken);
        File.SetLastWriteTimeUtc(old, TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-25));

        Assert.Equal([body.Name], (await place.ListAsync()).Select(listed => listed.Name));
        Assert.Equal([fresh], Directory.GetFiles(incoming));
    }

    // What a process leaves that is killed while it deletes.
    [Fact]
    public async Task A_file_that_was_moved_aside_is_read_and_later_moved_back()
    {
        await using var place = new FolderPlace(servers);
        var content = BodyPlace.Content(10);
        var body = await place.WriteAsync(content);
        var deleting = Path.Combine(place.Root, BodyName.Scope(body.Name), ".deleting");
        Directory.CreateDirectory(deleting);
        Aside(TimeSpan.Zero);
        Assert.Equal(content, await place.ReadAsync(body));
        // It may be under way.
        Assert.Empty(await place.ListAsync());

        File.Move(Directory.GetFiles(deleting).Single(), place.PathOf(body.Name));
        Aside(TimeSpan.FromMinutes(11));
        Assert.Equal([body.Name], (await place.ListAsync()).Select(listed => listed.Name));
        Assert.Equal(content, await place.ReadAsync(body));
        Assert.Empty(Directory.GetFiles(deleting));

        void Aside(TimeSpan since)
        {
            var at = (TimeProvider.System.GetUtcNow() - since).ToUnixTimeMilliseconds();
            File.Move(place.PathOf(body.Name), Path.Combine(deleting, $"{BodyName.Local(body.Name)}.{at}.{Guid.NewGuid():N}"));
        }
    }

    [Fact]
    public async Task A_folder_without_the_mark_of_this_system_is_unavailable_and_not_empty()
    {
        await using var place = new FolderPlace(servers);
        var body = await place.WriteAsync(BodyPlace.Content(10));
        // An empty folder is where a volume is not mounted.
        Directory.Move(place.Root, $"{place.Root}-mounted");
        Directory.CreateDirectory(place.Root);
        foreach (var use in new Func<Task>[]
        {
            () => place.ReadAsync(body), () => place.WriteAsync(BodyPlace.Content(10)), () => place.ListAsync(),
            () => place.Store.FindAsync(body.Name, CancellationToken.None), () => place.Store.CheckAsync(CancellationToken.None),
        })
        {
            var error = await Assert.ThrowsAsync<BodyStoreException>(use);
            Assert.Equal(BodyFailure.Unavailable, error.Failure);
            Assert.Equal(
                $"Bodies:Folder {place.Root} does not have the folder {BodyName.Scope(body.Name)} of this system: every poller and "
                    + "consumer needs the same volume, and it must be mounted.",
                error.Message);
        }

        Directory.Delete(place.Root);
        Directory.Move($"{place.Root}-mounted", place.Root);
        Assert.Equal(10, (await place.ReadAsync(body)).Length);
    }

    [Fact]
    public async Task A_full_disk_is_unavailable_and_leaves_nothing_of_the_body()
    {
        await using var place = new FolderPlace(servers);
        Directory.CreateDirectory(place.Root);
        Assert.SkipUnless(await RunAsync("mount", "-t", "tmpfs", "-o", "size=1m", "none", place.Root), "This user cannot mount a tmpfs.");
        try
        {
            var small = await place.WriteAsync(BodyPlace.Content(300_000));
            var error = await Assert.ThrowsAsync<BodyStoreException>(() => place.WriteAsync(BodyPlace.Content(3_000_000)));
            Assert.Equal(BodyFailure.Unavailable, error.Failure);
            Assert.Contains("No space left on device", error.Message, StringComparison.Ordinal);
            Assert.Equal([small.Name], (await place.ListAsync()).Select(listed => listed.Name));
            Assert.Empty(Directory.GetFiles(Path.Combine(place.Root, BodyName.Scope(small.Name), ".incoming")));
            // The space of the failed write is free again.
            await place.WriteAsync(BodyPlace.Content(300_000));
        }
        finally
        {
            Assert.True(await RunAsync("umount", place.Root));
        }
    }

    [Fact]
    public async Task A_body_that_may_not_be_read_is_unavailable_and_not_missing()
    {
        await using var place = new FolderPlace(servers);
        var body = await place.WriteAsync(BodyPlace.Content(10));
        // Root may read every file, so a folder has the name.
        File.Delete(place.PathOf(body.Name));
        Directory.CreateDirectory(place.PathOf(body.Name));
        var error = await Assert.ThrowsAsync<BodyStoreException>(() => place.ReadAsync(body));
        Assert.Equal(BodyFailure.Unavailable, error.Failure);
    }

    [Fact]
    public async Task Other_files_in_the_folder_are_no_bodies()
    {
        await using var place = new FolderPlace(servers);
        var body = await place.WriteAsync(BodyPlace.Content(10), new EmailId(1));
        var folder = Path.GetDirectoryName(place.PathOf(body.Name))!;
        await File.WriteAllTextAsync(Path.Combine(folder, "notes.txt"), "mine", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(place.Root, "README"), "mine", TestContext.Current.CancellationToken);
        Assert.Equal([body.Name], (await place.ListAsync()).Select(listed => listed.Name));
    }

    private static async Task<bool> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true });
        if (process is null)
            return false;
        await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }
}
