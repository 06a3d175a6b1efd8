using System.Text;
using System.Text.Json;
using EmailIngestion.Integration.Tests.Processing;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using Xunit;

namespace EmailIngestion.Integration.Tests.Pipeline;

/// <summary>Tests <c>webhook test</c> as a separate process.</summary>
public sealed class WebhookCommandTests(TestServers servers) : IAsyncLifetime
{
    private Receiver _receiver = null!;

    public async ValueTask InitializeAsync() => _receiver = await Receiver.StartAsync();

    public ValueTask DisposeAsync() => _receiver.DisposeAsync();

    [Fact]
    public async Task A_test_posts_a_sample_email_and_shows_the_answer()
    {
        _receiver.Answer = Receiver.Text(202, "Queued.\nThanks.");
        var (code, output) = await RunAsync("--name", "support");
        Assert.True(code == 0, output);

        var request = Assert.Single(_receiver.Requests);
        using var body = JsonDocument.Parse(request.Body);
        Assert.Equal("A test of the webhook", body.RootElement.GetProperty("subject").GetString());
        Assert.StartsWith("This is a sample email. Grüße!", body.RootElement.GetProperty("text").GetString(), StringComparison.Ordinal);
        var attachment = Assert.Single(body.RootElement.GetProperty("attachments").EnumerateArray());
        Assert.Equal("item,amount\r\nsample,1", Encoding.UTF8.GetString(attachment.GetProperty("content").GetBytesFromBase64()));
        Assert.Contains($"Posted a sample email to {_receiver.Url}\n", output, StringComparison.Ordinal);
        Assert.Contains($"id      {request.Headers["webhook-id"]}\n", output, StringComparison.Ordinal);
        Assert.Contains("answer  202 after ", output, StringComparison.Ordinal);
        Assert.Contains("text    Queued.\n  text    Thanks.\nThe webhook works", output, StringComparison.Ordinal);
        Assert.DoesNotContain(WebhookHost.Secret, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, "The webhook answered 401: Who? It does not accept the request; check Webhook:Url and Webhook:Secret.", "emails wait")]
    [InlineData(422, "The webhook answered 422: Who?", "dead letter (Webhook:PermanentStatusCodes)")]
    [InlineData(500, "The webhook answered 500: Who?", "are retried")]
    public async Task A_failed_test_says_what_to_do(int status, string error, string effect)
    {
        _receiver.Answer = Receiver.Text(status, "Who?");
        var (code, output) = await RunAsync();
        Assert.Equal(1, code);
        Assert.Contains(error, output, StringComparison.Ordinal);
        Assert.Contains(effect, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_result_can_be_JSON()
    {
        _receiver.Answer = Receiver.Text(500, "Oops");
        var (code, output) = await RunAsync("--json");
        Assert.Equal(1, code);
        using var json = JsonDocument.Parse(output);
        var result = json.RootElement;
        Assert.Equal("webhook", result.GetProperty("webhook").GetString());
        Assert.Equal(_receiver.Url, result.GetProperty("url").GetString());
        Assert.Equal(500, result.GetProperty("status").GetInt32());
        Assert.Equal(["Oops"], result.GetProperty("text").EnumerateArray().Select(line => line.GetString()));
        Assert.Equal("The webhook answered 500: Oops.", result.GetProperty("error").GetString());
        Assert.Equal(Assert.Single(_receiver.Requests).Headers["webhook-id"], result.GetProperty("id").GetString());
    }

    [Fact]
    public async Task An_unknown_name_is_refused_with_the_known_ones()
    {
        var (code, output) = await RunAsync("--name", "sales");
        Assert.Equal(1, code);
        Assert.Contains("--name: there is no section Webhooks:sales; the named webhooks are support.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_settings_are_reported_and_nothing_is_posted()
    {
        var (code, output) = await RunAsync(("Webhook:Secret", "short"));
        Assert.Equal(1, code);
        Assert.Contains("Settings: Webhook:Secret has 5 bytes", output, StringComparison.Ordinal);
        Assert.Empty(_receiver.Requests);
    }

    private Task<(int Code, string Output)> RunAsync(params string[] arguments) => RunAsync(default, arguments);

    private async Task<(int Code, string Output)> RunAsync((string Name, string Value) change, params string[] arguments)
    {
        await using var partition = new TestPartition(servers);
        // No Redis: the command needs none.
        var settings = new LocalSettings
        {
            ["Webhook:Url"] = _receiver.Url,
            ["Webhook:Secret"] = WebhookHost.Secret,
            ["Webhooks:support:Url"] = _receiver.Url,
            ["Webhooks:support:Secret"] = WebhookHost.Secret,
        };
        if (change.Name is not null)
            settings[change.Name] = change.Value;
        await using var command = CommandProcess.Start(partition, settings, ["webhook", "test", .. arguments]);
        return (await command.EndAsync(), command.Output);
    }
}
