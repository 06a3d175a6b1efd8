using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using EmailIngestion.Messages;
using EmailIngestion.Storage;

namespace EmailIngestion.Bodies;

/// <summary>Bodies in an Azure blob container. A blob appears when its upload is complete.</summary>
internal sealed class BlobBodyStore(BlobRequests requests, BlobContainerClient container, string prefix, BodyScope scope) : IBodyStore
{
    // The blob that each scope has. Without it the container is not this system's.
    private const string Mark = ".bodies";

    // The blob that the check writes.
    private const string Probe = ".writable";

    // Where blobs are that are written in pieces.
    private const string Incoming = ".incoming";

    // A larger body is uploaded in blocks, one after the other, so that few bytes are in memory.
    private static readonly StorageTransferOptions Transfer = new()
    {
        InitialTransferSize = 4 * 1024 * 1024,
        MaximumTransferSize = 4 * 1024 * 1024,
        MaximumConcurrency = 1,
    };

    /// <summary>Opens the store that the settings describe. It sends nothing yet.</summary>
    public static BlobBodyStore Open(BodiesOptions options, BodyScope scope, TimeProvider time)
    {
        var (container, prefix) = BlobContainer.Open(options.Container, options.ConnectionString);
        // The client's address has the shared access signature of the connection string.
        var requests = new BlobRequests(container.Uri.GetLeftPart(UriPartial.Path), options.ConnectionString.Length == 0, time);
        return new BlobBodyStore(requests, container, prefix, scope);
    }

    public BodyStoreKind Kind => BodyStoreKind.AzureBlob;

    public Task<string> ScopeAsync(CancellationToken cancellationToken) => scope.ReadAsync(
        fresh => requests.RunAsync(() => UploadAsync($"{fresh}/{Mark}", Stream.Null, cancellationToken), cancellationToken),
        cancellationToken);

    public async ValueTask<BodyReference> NameAsync(EmailId id, long size, string sha256, CancellationToken cancellationToken) =>
        new(Kind, BodyName.Of(await ScopeAsync(cancellationToken), id, sha256), size, sha256);

    public async Task WriteAsync(BodyReference body, Stream content, CancellationToken cancellationToken)
    {
        await RequireMarkAsync(BodyName.Scope(body.Name), cancellationToken);
        await using var source = new BodySource(content);
        await requests.RunAsync(
            () => UploadAsync(body.Name, source, cancellationToken), () => source.HasFailed, cancellationToken);
    }

    public async Task<IBodyWriter> BeginAsync(CancellationToken cancellationToken)
    {
        var own = await ScopeAsync(cancellationToken);
        await RequireMarkAsync(own, cancellationToken);
        var blob = container.GetBlockBlobClient($"{prefix}{own}/{Incoming}/{Guid.NewGuid():N}");
        return new BlobBodyWriter(requests, blob, Blob, Headers);
    }

    public async Task<VerifiedBody> OpenAsync(BodyReference body, CancellationToken cancellationToken)
    {
        var blob = await requests.FindAsync(
            () => Blob(body.Name).DownloadStreamingAsync(cancellationToken: cancellationToken), cancellationToken);
        if (blob is not null)
            return VerifiedBody.Open(blob.Content, blob.Details.ContentLength, body, requests.FailureOf);
        // Missing only in the right container: the one that has the mark of the body's scope or of the present one.
        if (!await HasMarkAsync(BodyName.Scope(body.Name), cancellationToken))
            await RequireMarkAsync(await ScopeAsync(cancellationToken), cancellationToken);
        throw new BodyStoreException(BodyFailure.Missing, $"Body {body.Name} is not in Bodies:Container {requests.Address}.");
    }

    public async Task<StoredBody?> FindAsync(string name, CancellationToken cancellationToken) =>
        await requests.FindAsync(() => Blob(name).GetPropertiesAsync(cancellationToken: cancellationToken), cancellationToken) is { } blob
            ? new StoredBody(name, blob.ContentLength, blob.LastModified, VersionOf(blob.ETag))
            : null;

    public async Task<bool> DeleteAsync(StoredBody body, CancellationToken cancellationToken)
    {
        var unchanged = new BlobRequestConditions { IfMatch = new ETag($"\"{body.Version}\"") };
        return await requests.TryAsync(
            () => Blob(body.Name).DeleteAsync(DeleteSnapshotsOption.IncludeSnapshots, unchanged, cancellationToken), cancellationToken);
    }

    public async IAsyncEnumerable<StoredBody> ListAsync(
        DateTimeOffset before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var own = $"{prefix}{await ScopeAsync(cancellationToken)}/";
        await RequireMarkAsync(own[prefix.Length..^1], cancellationToken);
        await using var pages = container
            .GetBlobsAsync(BlobTraits.None, BlobStates.None, own, cancellationToken).AsPages().GetAsyncEnumerator(cancellationToken);
        while (await requests.RunAsync(async () => await pages.MoveNextAsync(), cancellationToken))
        {
            foreach (var blob in pages.Current.Values)
            {
                if (IsLeft(blob, own, before))
                {
                    await requests.TryAsync(
                        () => container.DeleteBlobAsync(blob.Name, cancellationToken: cancellationToken), cancellationToken);
                }

                if (BodyName.IsValid(blob.Name[prefix.Length..]) && blob.Properties.LastModified is { } at)
                {
                    yield return new StoredBody(
                        blob.Name[prefix.Length..], blob.Properties.ContentLength ?? 0, at, VersionOf(blob.Properties.ETag ?? default));
                }
            }
        }
    }

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var own = await ScopeAsync(cancellationToken);
        await RequireMarkAsync(own, cancellationToken);
        await requests.RunAsync(() => UploadAsync($"{own}/{Probe}", Stream.Null, cancellationToken), cancellationToken);
    }

    // Redis knows the scope, so the container had it once.
    private async Task RequireMarkAsync(string own, CancellationToken cancellationToken)
    {
        if (!await HasMarkAsync(own, cancellationToken))
        {
            throw new BodyStoreException(
                BodyFailure.Unavailable,
                $"Bodies:Container {requests.Address} does not have the bodies {own} of this system: every poller and consumer needs the "
                    + "same container.");
        }
    }

    private async Task<bool> HasMarkAsync(string own, CancellationToken cancellationToken) => await requests.FindAsync(
        () => Blob($"{own}/{Mark}").GetPropertiesAsync(cancellationToken: cancellationToken), cancellationToken) is not null;

    // Senders choose the content, so a browser must not show it.
    private static BlobHttpHeaders Headers => new() { ContentType = "application/octet-stream", ContentDisposition = "attachment" };

    // A crash has left it. Its copy was made at once or never.
    private static bool IsLeft(BlobItem blob, string own, DateTimeOffset before) =>
        blob.Name.StartsWith($"{own}{Incoming}/", StringComparison.Ordinal) && blob.Properties.LastModified < before;

    // Each upload replaces the blob and changes its ETag.
    private Task<Response<BlobContentInfo>> UploadAsync(string name, Stream content, CancellationToken cancellationToken) =>
        Blob(name).UploadAsync(
            content,
            new BlobUploadOptions { HttpHeaders = Headers, TransferOptions = Transfer },
            cancellationToken);

    // A list has the ETag without its quotes.
    private static string VersionOf(ETag tag) => tag.ToString().Trim('"');

    private BlobClient Blob(string name) => container.GetBlobClient(prefix + name);
}
