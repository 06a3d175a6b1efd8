using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using EmailIngestion.Bodies;
using EmailIngestion.Messages;
using Xunit;

namespace EmailIngestion.Core.Tests.Bodies;

/// <summary>Tests the ends of the copy that gives a body in a container its name.</summary>
public sealed class BlobBodyWriterTests
{
    private const string Container = "https://account.blob.example.test/bodies";

    private static readonly string Digest = BodyName.Digest([1]);

    private static readonly BodyReference Body =
        new(BodyStoreKind.AzureBlob, BodyName.Of("0123456789abcdef", new EmailId(1), Digest), 1, Digest);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_copy_that_succeeds_completes_the_body_and_deletes_its_source()
    {
        using var account = new BlobAccount("pending", "success");
        await using (var writer = Writer(account))
        {
            await writer.WriteAsync(new byte[1], Cancel);
            await writer.CompleteAsync(Body, Cancel);
        }

        Assert.Equal(["/bodies/.incoming/1"], account.Deleted);
    }

    [Theory]
    [InlineData("failed")]
    [InlineData("aborted")]
    public async Task A_copy_that_fails_is_a_failure_of_the_store(string state)
    {
        using var account = new BlobAccount("pending", state);
        await using (var writer = Writer(account))
        {
            await writer.WriteAsync(new byte[1], Cancel);

            var error = await Assert.ThrowsAsync<BodyStoreException>(() => writer.CompleteAsync(Body, Cancel));

            Assert.Equal(BodyFailure.Unavailable, error.Failure);
        }

        Assert.Equal(["/bodies/.incoming/1"], account.Deleted);
    }

    [Fact]
    public async Task The_source_of_a_copy_that_has_not_ended_is_not_deleted()
    {
        using var account = new BlobAccount();
        using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        await using (var writer = Writer(account))
        {
            await writer.WriteAsync(new byte[1], Cancel);
            var completing = writer.CompleteAsync(Body, abandoned.Token);
            await abandoned.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => completing);
        }

        Assert.Empty(account.Deleted);
    }

    private static BlobBodyWriter Writer(BlobAccount account)
    {
        var options = new BlobClientOptions { Transport = new HttpClientTransport(new HttpClient(account, disposeHandler: false)) };
        return new BlobBodyWriter(
            new BlobRequests(Container, signsIn: false, TimeProvider.System),
            new BlockBlobClient(new Uri($"{Container}/.incoming/1"), options),
            name => new BlobClient(new Uri($"{Container}/{name}"), options),
            new BlobHttpHeaders());
    }
}
