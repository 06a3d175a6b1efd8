using Azure;
using Azure.Identity;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using EmailIngestion.Configuration;
using EmailIngestion.Storage;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Processing.Archiving;

/// <summary>An archive in an Azure blob container. A blob appears when its upload is complete.</summary>
internal sealed class BlobArchive : IArchiveTarget
{
    /// <summary>The blob that the check at the start writes.</summary>
    public const string ProbeName = ".writable";

    private static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(30);

    // A larger file is uploaded in blocks, one after the other, so that few bytes are in memory.
    private static readonly StorageTransferOptions Transfer = new()
    {
        InitialTransferSize = 8 * 1024 * 1024,
        MaximumTransferSize = 4 * 1024 * 1024,
        MaximumConcurrency = 1,
    };

    private readonly BlobContainerClient _container;
    private readonly string _prefix;
    private readonly bool _signsIn;
    private readonly TimeProvider _time;

    public BlobArchive(IOptions<ArchiveOptions> options, TimeProvider time)
    {
        (_container, _prefix) = ArchiveContainer.Open(options.Value);
        _signsIn = options.Value.ConnectionString.Length == 0;
        _time = time;
    }

    // The client's address has the shared access signature of the connection string.
    private string Address => _container.Uri.GetLeftPart(UriPartial.Path);

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(CheckTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            await UploadAsync(new ArchiveFile(ProbeName, ArchiveFile.Binary, () => new MemoryStream(0)), either.Token);
        }
        catch (TransientFailureException e)
        {
            throw new SettingsException($"Archive:Container {Address} cannot be written: {e.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SettingsException(
                $"Archive:Container {Address} cannot be written: there was no answer within {CheckTimeout.TotalSeconds} s.");
        }
    }

    public async Task WriteAsync(IReadOnlyList<ArchiveFile> files, CancellationToken cancellationToken)
    {
        foreach (var file in files)
            await UploadAsync(file, cancellationToken);
    }

    private async Task UploadAsync(ArchiveFile file, CancellationToken cancellationToken)
    {
        await using var content = file.Open();
        try
        {
            await _container.GetBlobClient(_prefix + file.Name).UploadAsync(content, UploadOptions(file), cancellationToken);
        }
        catch (RequestFailedException e)
        {
            throw BlobFailure.Of(e, _signsIn, _time);
        }
        catch (AuthenticationFailedException e)
        {
            throw BlobFailure.Of(e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TransientFailureException(BlobFault.Late.Message, e);
        }
    }

    // Without conditions an upload replaces an older blob. Senders choose the types of attachments, so a browser must not show them.
    private static BlobUploadOptions UploadOptions(ArchiveFile file) => new()
    {
        HttpHeaders = new BlobHttpHeaders { ContentType = file.ContentType, ContentDisposition = "attachment" },
        TransferOptions = Transfer,
    };
}
