using Azure;
using EmailIngestion.Configuration;
using EmailIngestion.Core.Tests.Messages;
using EmailIngestion.Processing;
using EmailIngestion.Processing.Archiving;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Core.Tests.Processing.Archiving;

/// <summary>What the archive makes of the answers of a storage account.</summary>
public sealed class BlobFailureTests
{
    private static readonly DateTimeOffset Now = new(2024, 2, 29, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(429, "TooManyRequests", "7", 7)]
    [InlineData(503, "ServerBusy", "120", 120)]
    [InlineData(503, "ServerBusy", "Thu, 29 Feb 2024 12:01:00 GMT", 60)]
    [InlineData(503, "ServerBusy", "Thu, 29 Feb 2024 11:00:00 GMT", 0)]
    [InlineData(503, "ServerBusy", "soon", null)]
    [InlineData(500, "InternalError", null, null)]
    [InlineData(408, null, null, null)]
    [InlineData(409, "BlobImmutableDueToPolicy", null, null)]
    [InlineData(412, "LeaseIdMissing", null, null)]
    public async Task A_passing_failure_is_retried_after_the_time_that_the_account_asks_for(
        int status, string? code, string? retryAfter, int? seconds)
    {
        await using var server = await BlobServer.StartAsync(status, code, retryAfter);
        var failure = await FailureAsync(server);
        Assert.Equal($"The storage account answered {status}{(code is null ? "" : $" {code}")}.", failure.Message);
        Assert.Equal(seconds is null ? null : TimeSpan.FromSeconds(seconds.Value), failure.RetryAfter);
        Assert.False(failure.RefusesAll);
    }

    [Theory]
    [InlineData(403, "AuthenticationFailed", "it does not accept the request; check the key or the signature in Archive:ConnectionString")]
    [InlineData(401, "InvalidAuthenticationInfo", "it does not accept the request")]
    [InlineData(404, "ContainerNotFound", "the container does not exist; check Archive:Container.")]
    [InlineData(409, "ContainerBeingDeleted", "the container does not exist; check Archive:Container.")]
    public async Task A_failure_of_the_setup_refuses_every_email_and_names_the_setting(int status, string code, string advice)
    {
        await using var server = await BlobServer.StartAsync(status, code);
        var failure = await FailureAsync(server);
        Assert.StartsWith($"The storage account answered {status} {code}: {advice}", failure.Message, StringComparison.Ordinal);
        Assert.True(failure.RefusesAll);
    }

    [Theory]
    [InlineData(401, "InvalidAuthenticationInfo", "it does not accept the token of this identity; ")]
    [InlineData(401, "NoAuthenticationInformation", "it does not accept the token of this identity; ")]
    [InlineData(403, "AuthenticationFailed", "it does not accept the token of this identity; ")]
    [InlineData(403, "AuthorizationPermissionMismatch", "it does not let this identity write; give it the role Storage Blob Data")]
    [InlineData(403, "AuthorizationFailure", "it does not let this identity write; ")]
    public void A_refused_token_is_not_a_missing_role(int status, string code, string advice)
    {
        var failure = BlobFailure.Of(new RequestFailedException(status, "Refused.", code, null), signsIn: true, TimeProvider.System);
        Assert.StartsWith($"The storage account answered {status} {code}: {advice}", failure.Message, StringComparison.Ordinal);
        Assert.True(failure.RefusesAll);
    }

    // Repeats of the client would hide a Retry-After, and would not be counted by the circuit.
    [Fact]
    public async Task The_client_does_not_repeat_a_request()
    {
        await using var server = await BlobServer.StartAsync(503, "ServerBusy");
        await FailureAsync(server);
        Assert.Single(server.Paths);
    }

    [Fact]
    public async Task The_summary_is_uploaded_last()
    {
        await using var server = await BlobServer.StartAsync(201);
        var email = Mail.Of("Subject: Hello\r\n\r\nText");
        await Archive(server).WriteAsync(ArchivedEmail.Files(email, attachments: true), TestContext.Current.CancellationToken);
        Assert.Equal(
            [$"/account/mail/2024/02/29/{email.Id}.eml", $"/account/mail/2024/02/29/{email.Id}.json"], server.Paths);
    }

    [Fact]
    public async Task A_failed_start_does_not_show_the_signature()
    {
        await using var server = await BlobServer.StartAsync(403, "AuthorizationFailure");
        var error = await Assert.ThrowsAsync<SettingsException>(
            () => Archive(server).CheckAsync(TestContext.Current.CancellationToken));
        Assert.Matches(
            @"\AArchive:Container http://127\.0\.0\.1:\d+/account/mail cannot be written: The storage account answered 403 "
                + "AuthorizationFailure: it does not accept the request; ",
            error.Message);
        Assert.DoesNotContain(BlobServer.Signature, error.ToString(), StringComparison.Ordinal);
    }

    private static async Task<TransientFailureException> FailureAsync(BlobServer server)
    {
        var failure = await Assert.ThrowsAsync<TransientFailureException>(
            () => Archive(server).WriteAsync(
                ArchivedEmail.Files(Mail.Of("Subject: Hello\r\n\r\nText"), attachments: false), TestContext.Current.CancellationToken));
        Assert.DoesNotContain(BlobServer.Signature, failure.ToString(), StringComparison.Ordinal);
        return failure;
    }

    private static BlobArchive Archive(BlobServer server) => new(
        Options.Create(new ArchiveOptions { Container = "mail", ConnectionString = server.ConnectionString }), new FakeTimeProvider(Now));
}
