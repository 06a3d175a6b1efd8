using System.Buffers.Binary;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using EmailIngestion.Messages.Bytes;

namespace EmailIngestion.Bodies;

/// <summary>
/// Writes a body as blocks of a temporary blob, which its completion copies within the account. Blocks belong to the name under which they
/// were uploaded, and the body's name has its digest, so they cannot be committed under it. A copy within an account moves no bytes over
/// the network, and replaces a blob in one step.
/// </summary>
/// <param name="requests">Turns failures into <see cref="BodyStoreException"/>.</param>
/// <param name="blob">The temporary blob.</param>
/// <param name="target">The blob of a body's name.</param>
/// <param name="headers">The headers of bodies.</param>
internal sealed class BlobBodyWriter(
    BlobRequests requests, BlockBlobClient blob, Func<string, BlobClient> target, BlobHttpHeaders headers) : IBodyWriter
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly List<string> _blocks = [];
    private bool _isCommitted;
    private bool _isCopied = true;

    public async Task WriteAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        // All IDs of a blob have the same length.
        var id = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(id, _blocks.Count);
        var block = Convert.ToBase64String(id);
        _blocks.Add(block);
        await requests.RunAsync(
            () => blob.StageBlockAsync(block, MemorySource.Open(piece), cancellationToken: cancellationToken), cancellationToken);
    }

    public async Task CompleteAsync(BodyReference body, CancellationToken cancellationToken)
    {
        await requests.RunAsync(() => CommitAsync(_blocks, cancellationToken), cancellationToken);
        _isCommitted = true;
        await requests.RunAsync(
            async () =>
            {
                // The address has the shared access signature, if there is one: the source needs it too.
                _isCopied = false;
                var copy = await target(body.Name).StartCopyFromUriAsync(blob.Uri, cancellationToken: cancellationToken);
                // The wait for the value would throw, if the copy failed, as if it had not ended.
                var ended = await copy.WaitForCompletionResponseAsync(Interval, cancellationToken);
                _isCopied = true;
                var state = ended.Headers.TryGetValue("x-ms-copy-status", out var found) ? found : "unknown";
                return state == "success"
                    ? true
                    : throw new BodyStoreException(
                        BodyFailure.Unavailable, $"The storage account has not copied body {body.Name}: the state of the copy is {state}.");
            },
            cancellationToken);
    }

    /// <summary>
    /// Deletes the temporary blob, unless it may still be copied: without its source the copy fails, and leaves an empty body, where a
    /// former write of the same email may have left a whole one. The orphan pass deletes what this or a crash leaves. Uncommitted blocks
    /// expire after a week.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (_blocks.Count == 0 || !_isCopied)
            return;
        try
        {
            // Blocks that were not committed can only be replaced, not deleted.
            if (!_isCommitted)
                await requests.RunAsync(() => CommitAsync([], CancellationToken.None), CancellationToken.None);
            await requests.RunAsync(() => blob.DeleteIfExistsAsync(cancellationToken: CancellationToken.None), CancellationToken.None);
        }
        catch (BodyStoreException)
        {
            // See above.
        }
    }

    private Task<Response<BlobContentInfo>> CommitAsync(List<string> blocks, CancellationToken cancellationToken) =>
        blob.CommitBlockListAsync(blocks, new CommitBlockListOptions { HttpHeaders = headers }, cancellationToken);
}
