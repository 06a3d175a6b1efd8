using System.Text;
using System.Text.Json;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using EmailIngestion.Configuration;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Messages;
using EmailIngestion.Processing;
using EmailIngestion.Processing.Archiving;
using Microsoft.Extensions.Options;
using Xunit;

namespace EmailIngestion.Integration.Tests.Processing;

/// <summary>The archive in a blob container, on Azurite.</summary>
public sealed class BlobArchiveTests(Azurite azurite, NodePackages packages)
{
    private const string Day = "2024/02/29";

    private readonly EmailMessage _message = Emails.Of(MailWithAttachments.Raw);

    [Fact]
    public async Task An_email_has_the_same_names_as_in_a_folder()
    {
        var server = await azurite.StartedAsync(packages, TestContext.Current.CancellationToken);
        var container = await server.CreateContainerAsync(TestContext.Current.CancellationToken);
        var processor = Processor(server, container.Name);
        await processor.ProcessAsync(new EmailDelivery { Email = _message }, TestContext.Current.CancellationToken);
        await processor.ProcessAsync(new EmailDelivery { Email = _message }, TestContext.Current.CancellationToken);

        var blobs = await BlobsAsync(container);
        using var summary = JsonDocument.Parse(await ReadAsync(container, $"{Day}/{_message.Id}.json"));
        var files = summary.RootElement.GetProperty("attachments").EnumerateArray()
            .Select(attachment => $"{Day}/{attachment.GetProperty("file").GetString()}").ToArray();
        Assert.Equal(
            new[] { $"{Day}/{_message.Id}.eml", $"{Day}/{_message.Id}.json", files[0], files[1] }.Order(StringComparer.Ordinal),
            blobs.Select(blob => blob.Name).Order(StringComparer.Ordinal));
        Assert.Equal(_message.Raw.ToArray(), await ReadAsync(container, $"{Day}/{_message.Id}.eml"));
        Assert.Equal(MailWithAttachments.Contents[0], Encoding.ASCII.GetString(await ReadAsync(container, files[0])));
        Assert.Equal(MailWithAttachments.Contents[1], Encoding.ASCII.GetString(await ReadAsync(container, files[1])));
        Assert.Equal("application/pdf", blobs.Single(blob => blob.Name == files[0]).Properties.ContentType);
        Assert.Equal("message/rfc822", blobs.Single(blob => blob.Name.EndsWith(".eml", StringComparison.Ordinal)).Properties.ContentType);
        Assert.Equal(
            "application/json", blobs.Single(blob => blob.Name.EndsWith(".json", StringComparison.Ordinal)).Properties.ContentType);
        Assert.All(blobs, blob => Assert.Equal("attachment", blob.Properties.ContentDisposition));
    }

    [Fact]
    public async Task A_folder_of_the_container_comes_before_each_name()
    {
        var server = await azurite.StartedAsync(packages, TestContext.Current.CancellationToken);
        var container = await server.CreateContainerAsync(TestContext.Current.CancellationToken);
        await Processor(server, $"{container.Name}/mail/in/").ProcessAsync(
            new EmailDelivery { Email = _message }, TestContext.Current.CancellationToken);

        var blobs = await BlobsAsync(container);
        Assert.Equal(4, blobs.Count);
        Assert.All(blobs, blob => Assert.StartsWith($"mail/in/{Day}/{_message.Id}", blob.Name, StringComparison.Ordinal));
    }

    // A message of this size is uploaded in blocks.
    [Fact]
    public async Task A_large_message_is_the_same_byte_for_byte()
    {
        var server = await azurite.StartedAsync(packages, TestContext.Current.CancellationToken);
        var container = await server.CreateContainerAsync(TestContext.Current.CancellationToken);
        var large = Emails.Of([.. "Subject: Large\r\n\r\n"u8, .. Enumerable.Range(0, 20_000_000).Select(i => (byte)('a' + (i % 23)))]);
        await Processor(server, container.Name).ProcessAsync(new EmailDelivery { Email = large }, TestContext.Current.CancellationToken);

        Assert.Equal(large.Raw.ToArray(), await ReadAsync(container, $"{Day}/{large.Id}.eml"));
    }

    [Fact]
    public async Task A_missing_container_fails_the_start_and_names_the_setting()
    {
        var server = await azurite.StartedAsync(packages, TestContext.Current.CancellationToken);
        var processor = Processor(server, "nothing-here");
        var error = await Assert.ThrowsAsync<SettingsException>(() => processor.CheckAsync(TestContext.Current.CancellationToken));
        Assert.Equal(
            $"Archive:Container http://127.0.0.1:{server.Port}/devstoreaccount1/nothing-here cannot be written: "
                + "The storage account answered 404 ContainerNotFound: the container does not exist; check Archive:Container.",
            error.Message);
        var failure = await Assert.ThrowsAsync<TransientFailureException>(
            () => processor.ProcessAsync(new EmailDelivery { Email = _message }, TestContext.Current.CancellationToken));
        Assert.True(failure.RefusesAll);
    }

    [Fact]
    public async Task A_wrong_key_refuses_every_email()
    {
        var server = await azurite.StartedAsync(packages, TestContext.Current.CancellationToken);
        var container = await server.CreateContainerAsync(TestContext.Current.CancellationToken);
        var wrong = server.ConnectionString(key: Convert.ToBase64String(new byte[64]));
        var failure = await Assert.ThrowsAsync<TransientFailureException>(() => Processor(wrong, container.Name)
            .ProcessAsync(new EmailDelivery { Email = _message }, TestContext.Current.CancellationToken));
        Assert.True(failure.RefusesAll);
        Assert.Contains(
            "403 AuthorizationFailure: it does not accept the request; check the key", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_that_cannot_be_reached_is_a_transient_failure()
    {
        var server = await azurite.StartedAsync(packages, TestContext.Current.CancellationToken);
        var processor = Processor(server.ConnectionString(port: DevServers.Loopback.FreePort()), "mail");
        var failure = await Assert.ThrowsAsync<TransientFailureException>(
            () => processor.ProcessAsync(new EmailDelivery { Email = _message }, TestContext.Current.CancellationToken));
        Assert.False(failure.RefusesAll);
        Assert.StartsWith("The storage account cannot be reached: Connection refused", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_check_at_the_start_passes_when_the_container_can_be_written()
    {
        var server = await azurite.StartedAsync(packages, TestContext.Current.CancellationToken);
        var container = await server.CreateContainerAsync(TestContext.Current.CancellationToken);
        await Processor(server, container.Name).CheckAsync(TestContext.Current.CancellationToken);
        await Processor(server, container.Name).CheckAsync(TestContext.Current.CancellationToken);
        Assert.Equal([BlobArchive.ProbeName], (await BlobsAsync(container)).Select(blob => blob.Name));
    }

    private static ArchiveProcessor Processor(AzuriteProcess server, string container) => Processor(server.ConnectionString(), container);

    private static ArchiveProcessor Processor(string connectionString, string container)
    {
        var options = Options.Create(
            new ArchiveOptions { ConnectionString = connectionString, Container = container, Attachments = true });
        return new ArchiveProcessor(new BlobArchive(options, TimeProvider.System), options);
    }

    private static async Task<IReadOnlyList<BlobItem>> BlobsAsync(BlobContainerClient container)
    {
        var blobs = new List<BlobItem>();
        await foreach (var blob in container.GetBlobsAsync(cancellationToken: TestContext.Current.CancellationToken))
            blobs.Add(blob);
        return blobs;
    }

    private static async Task<byte[]> ReadAsync(BlobContainerClient container, string name) =>
        (await container.GetBlobClient(name).DownloadContentAsync(TestContext.Current.CancellationToken)).Value.Content.ToArray();
}
