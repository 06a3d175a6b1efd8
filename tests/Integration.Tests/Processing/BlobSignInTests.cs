using Azure.Storage.Blobs;
using EmailIngestion.Integration.Tests.Consuming;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Processing.Archiving;
using Xunit;

namespace EmailIngestion.Integration.Tests.Processing;

/// <summary>
/// A consumer in its own process signs in to the blob container by Azure.Identity: as a pod with a workload identity does, and as an app of
/// Azure Functions with a managed identity does. Azurite checks the tokens.
/// </summary>
public sealed class BlobSignInTests(TestServers servers, AzuriteWithTokens azurite) : IClassFixture<AzuriteWithTokens>, IAsyncLifetime
{
    private const string Storage = "https://storage.azure.com";
    private const string Elsewhere = "https://management.azure.com";
    private const string NotAccepted = "The storage account answered 403 AuthenticationFailed: it does not accept the token of this "
        + "identity; check that Archive:Container is an account of the identity's tenant and cloud, and this machine's clock.";

    private static readonly TimeSpan Short = TimeSpan.FromSeconds(5);

    private TokenServer _tokens = null!;
    private BlobContainerClient _container = null!;
    private string _address = "";

    public static TheoryData<bool> Identities => [true, false];

    public async ValueTask InitializeAsync()
    {
        _tokens = await TokenServer.StartAsync(azurite.Authority);
        _container = await azurite.Process.CreateContainerAsync(TestContext.Current.CancellationToken);
        _address = _container.Uri.GetLeftPart(UriPartial.Path);
    }

    public ValueTask DisposeAsync() => _tokens.DisposeAsync();

    [Theory]
    [MemberData(nameof(Identities))]
    public async Task A_consumer_archives_with_the_token_of_its_identity(bool workload)
    {
        await using var partition = await servers.PartitionWithMailAsync(10);
        await using var consumer = Start(partition, workload);
        await partition.DrainedAsync();
        await AssertArchivedAsync(partition, 10, consumer);

        Assert.All(_tokens.Requests, request => Assert.Equal(Storage, request.Resource));
        var first = _tokens.Requests.First();
        if (workload)
        {
            Assert.Equal($"/{TokenServer.Tenant}/oauth2/v2.0/token", first.Path);
            Assert.Equal(("assertion", TokenServer.Client), (first.Fields["client_assertion"], first.Fields["client_id"]));
        }
        else
        {
            Assert.Equal(("/msi/token", TokenServer.Secret), (first.Path, first.Header));
        }
    }

    [Fact]
    public async Task A_token_that_runs_out_is_renewed_and_no_email_waits()
    {
        _tokens.Answer = request => Brief(request.Resource);
        await using var partition = await servers.PartitionWithMailAsync(5);
        await using var consumer = Start(partition, workload: true);
        await partition.DrainedAsync();
        var before = _tokens.Requests.Count;
        await Task.Delay(Short + TimeSpan.FromSeconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        await Mails.AppendAsync(partition.Partition.Stream, 10);
        await partition.DrainedAsync();

        await AssertArchivedAsync(partition, 10, consumer);
        Assert.True(_tokens.Requests.Count > before, "it asked for another token");
        Assert.DoesNotContain("Failed", consumer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_for_something_else_fails_the_start_with_one_line()
    {
        _tokens.Answer = _ => TokenAnswer.Of(Elsewhere, TimeSpan.FromHours(1));
        await using var partition = await servers.PartitionWithMailAsync(1);
        await using var consumer = Start(partition, workload: true);

        Assert.Equal(1, await consumer.EndAsync());
        Assert.Equal(
            $"Settings: Archive:Container {_address} cannot be written: {NotAccepted}", consumer.Output.Trim());
    }

    [Fact]
    public async Task Entra_ID_that_refuses_the_identity_fails_the_start_with_its_error_code()
    {
        _tokens.Answer = _ => TokenAnswer.Refused(
            "unauthorized_client", $"AADSTS700016: Application with identifier '{TokenServer.Client}' was not found in the directory.");
        await using var partition = await servers.PartitionWithMailAsync(1);
        await using var consumer = Start(partition, workload: true);

        Assert.Equal(1, await consumer.EndAsync());
        Assert.Equal(
            $"Settings: Archive:Container {_address} cannot be written: Microsoft Entra ID gives no token for Archive:Container: "
                + $"unauthorized_client: AADSTS700016: Application with identifier '{TokenServer.Client}' was not found in the directory; "
                + "check AZURE_CLIENT_ID and AZURE_TENANT_ID.",
            consumer.Output.Trim());
    }

    [Fact]
    public async Task Tokens_that_become_wrong_postpone_the_emails_and_dead_letter_none()
    {
        var audience = Storage;
        _tokens.Answer = _ => Brief(audience);
        await using var partition = await servers.PartitionWithMailAsync(5);
        await using var consumer = Start(partition, workload: false);
        await partition.DrainedAsync();
        audience = Elsewhere;
        await Task.Delay(Short + TimeSpan.FromSeconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        await Mails.AppendAsync(partition.Partition.Stream, 10);
        await Eventually.TrueAsync(() => consumer.Output.Contains("AuthenticationFailed", StringComparison.Ordinal), "it is logged");
        audience = Storage;
        await partition.DrainedAsync();

        await AssertArchivedAsync(partition, 10, consumer);
        Assert.Contains($"Last failure: {NotAccepted}", consumer.Output, StringComparison.Ordinal);
        Assert.Contains($"delivery 1, for 00:00:03: TransientFailureException: {NotAccepted}", consumer.Output, StringComparison.Ordinal);
    }

    private static TokenAnswer Brief(string audience) => TokenAnswer.Of(audience, Short, accepted: TimeSpan.FromHours(1));

    private CommandProcess Start(TestPartition partition, bool workload)
    {
        var settings = partition.Settings();
        settings["Archive:Folder"] = "";
        settings["Archive:Container"] = _address;
        settings["Consumer:MaxDeliveries"] = "1";
        settings["Processing:BreakDuration"] = "00:00:01";
        settings["Logging:Console:LogLevel:Default"] = "Information";
        foreach (var (name, value) in workload ? _tokens.WorkloadIdentity : _tokens.ManagedIdentity)
            settings[name] = value;
        return CommandProcess.Start(partition, settings, "consume", "--consumer", "signs-in", "--data", partition.Folder);
    }

    private async Task AssertArchivedAsync(TestPartition partition, int count, CommandProcess consumer)
    {
        var names = new List<string>();
        await foreach (var blob in _container.GetBlobsAsync(cancellationToken: TestContext.Current.CancellationToken))
            names.Add(blob.Name);
        var messages = Mails.UidRange(1, (uint)count).Select(uid => Mails.Message(uid)).ToArray();
        Assert.Equal(
            messages.SelectMany(message => new[] { $"2026/01/02/{message.Id}.eml", $"2026/01/02/{message.Id}.json" })
                .Append(BlobArchive.ProbeName).Order(StringComparer.Ordinal),
            names.Order(StringComparer.Ordinal));
        Assert.Empty(await Consumers.DeadLettersAsync(partition));
        // No part of a token is in the log.
        Assert.DoesNotContain("eyJ", consumer.Output, StringComparison.Ordinal);
    }
}
