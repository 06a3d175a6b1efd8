using EmailIngestion.Bodies;
using EmailIngestion.Integration.Tests.Support;

namespace EmailIngestion.Integration.Tests.Bodies;

/// <summary>A folder of bodies.</summary>
internal sealed class FolderPlace(TestServers servers) : BodyPlace(servers)
{
    public string Root => Path.Combine(Partition.Folder, "bodies");

    public override BodiesOptions Options => new() { Store = BodyStoreKind.Folder, Folder = Root };

    public override IBodyStore Store => field ??= Stores(Options).Current;

    public override IBodyStore Away =>
        Stores(new BodiesOptions { Store = BodyStoreKind.Folder, Folder = Path.Combine(Partition.Folder, "not-mounted") }).Current;

    public override Task LoseAsync()
    {
        Directory.Delete(Root, recursive: true);
        return Task.CompletedTask;
    }

    public string PathOf(string name) => Path.Combine(Root, BodyName.Scope(name), BodyName.Local(name)[..2], BodyName.Local(name));

    public override async Task TamperAsync(string name, byte[] content)
    {
        var before = File.GetLastWriteTimeUtc(PathOf(name));
        await File.WriteAllBytesAsync(PathOf(name), content);
        File.SetLastWriteTimeUtc(PathOf(name), before);
    }

    /// <summary>Makes a body older, as if it had been written before.</summary>
    public void Age(string name, TimeSpan age) => File.SetLastWriteTimeUtc(PathOf(name), File.GetLastWriteTimeUtc(PathOf(name)) - age);
}
