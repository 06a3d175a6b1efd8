using EmailIngestion.Messages;
using Xunit;

namespace EmailIngestion.Integration.Tests.Processing;

/// <summary>Tests signatures with the npm library of Standard Webhooks.</summary>
public sealed class WebhookSignatureTests : IAsyncLifetime
{
    private const string Former = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private readonly EmailMessage _message = Emails.Of("Subject: Grüße\r\n\r\nText"u8.ToArray());
    private Receiver _receiver = null!;

    public async ValueTask InitializeAsync() => _receiver = await Receiver.StartAsync();

    public ValueTask DisposeAsync() => _receiver.DisposeAsync();

    [Theory]
    [InlineData(WebhookHost.Secret)]
    [InlineData(Former)]
    public async Task The_library_verifies_a_request(string secret)
    {
        var request = await PostAsync(("Webhook:Secret", secret));
        Assert.DoesNotContain(' ', request.Headers["webhook-signature"]);
        Assert.Equal($"verified {_message.Id}", await WebhookVerifier.VerifyAsync(request, secret));
    }

    [Fact]
    public async Task During_a_rotation_the_library_verifies_with_the_new_secret_and_with_the_former_one()
    {
        var request = await PostAsync(("Webhook:PreviousSecret", Former));
        Assert.Equal(2, request.Headers["webhook-signature"].Split(' ').Length);
        Assert.Equal($"verified {_message.Id}", await WebhookVerifier.VerifyAsync(request, WebhookHost.Secret));
        Assert.Equal($"verified {_message.Id}", await WebhookVerifier.VerifyAsync(request, Former));
    }

    [Fact]
    public async Task The_library_verifies_a_compressed_request_after_its_decompression()
    {
        var request = await PostAsync(("Webhook:Compression", "Gzip"));
        Assert.Equal($"verified {_message.Id}", await WebhookVerifier.VerifyAsync(request, WebhookHost.Secret));
    }

    [Fact]
    public async Task The_library_refuses_another_secret_and_a_changed_body()
    {
        var request = await PostAsync();
        Assert.StartsWith(
            "WebhookVerificationError", await WebhookVerifier.VerifyAsync(request, "another secret of enough length"),
            StringComparison.Ordinal);
        request.Body[10] ^= 1;
        Assert.StartsWith(
            "WebhookVerificationError", await WebhookVerifier.VerifyAsync(request, WebhookHost.Secret), StringComparison.Ordinal);
    }

    private async Task<Received> PostAsync(params (string Name, string Value)[] changes)
    {
        await WebhookHost.RunAsync(_message, _receiver, changes);
        return Assert.Single(_receiver.Requests);
    }
}
