using Azure.Storage.Blobs;
using EmailIngestion.Bodies;
using EmailIngestion.Integration.Tests.Support;

namespace EmailIngestion.Integration.Tests.Bodies;

/// <summary>A container of bodies in Azurite.</summary>
internal sealed class BlobPlace(TestServers servers, AzuriteProcess azurite, BlobContainerClient container) : BodyPlace(servers)
{
    public BlobContainerClient Container => container;

    public override BodiesOptions Options => new()
    {
        Store = BodyStoreKind.AzureBlob,
        Container = $"{container.Name}/large/mail",
        ConnectionString = azurite.ConnectionString(),
    };

    public override IBodyStore Store => field ??= Stores(Options).Current;

    public override IBodyStore Away => Stores(new BodiesOptions
    {
        Store = BodyStoreKind.AzureBlob,
        Container = container.Name,
        ConnectionString = azurite.ConnectionString(port: DevServers.Loopback.FreePort()),
    }).Current;

    public static async Task<BlobPlace> CreateAsync(TestServers servers, Azurite azurite, NodePackages packages)
    {
        var process = await azurite.StartedAsync(packages, CancellationToken.None);
        return new BlobPlace(servers, process, await process.CreateContainerAsync(CancellationToken.None));
    }

    public override async Task LoseAsync()
    {
        await foreach (var blob in container.GetBlobsAsync(cancellationToken: CancellationToken.None))
            await container.DeleteBlobAsync(blob.Name);
    }

    public override Task TamperAsync(string name, byte[] content) =>
        container.GetBlobClient($"large/mail/{name}").UploadAsync(new MemoryStream(content), overwrite: true);
}
