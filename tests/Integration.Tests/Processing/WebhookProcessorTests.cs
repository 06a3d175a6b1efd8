using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using EmailIngestion.Consuming;
using EmailIngestion.DevServers;
using EmailIngestion.Hosting;
using EmailIngestion.Messages;
using EmailIngestion.Processing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Polly.Registry;
using Xunit;

namespace EmailIngestion.Integration.Tests.Processing;

public sealed class WebhookProcessorTests : IAsyncLifetime
{
    private const string Secret = "a secret of enough length";

    private readonly EmailMessage _message = Emails.Of("Subject: Grüße\r\n\r\nText"u8.ToArray());
    private Receiver _receiver = null!;

    public async ValueTask InitializeAsync() => _receiver = await Receiver.StartAsync();

    public ValueTask DisposeAsync() => _receiver.DisposeAsync();

    [Fact]
    public async Task The_email_is_posted_as_json_and_signed()
    {
        await RunAsync();
        var request = Assert.Single(_receiver.Requests);
        Assert.Equal(("POST", "/hook", "application/json; charset=utf-8"), (request.Method, request.Path, request.ContentType));
        using var body = JsonDocument.Parse(request.Body);
        Assert.Equal(_message.Id.ToString(), body.RootElement.GetProperty("id").GetString());
        Assert.Equal("Grüße", body.RootElement.GetProperty("subject").GetString());
        Assert.Equal("Text", body.RootElement.GetProperty("text").GetString());
        Assert.False(body.RootElement.TryGetProperty("raw", out _));

        Assert.Equal(_message.Id.ToString(), request.Headers["webhook-id"]);
        var timestamp = request.Headers["webhook-timestamp"];
        Assert.InRange(long.Parse(timestamp, CultureInfo.InvariantCulture), Now() - 60, Now());
        Assert.Equal(
            WebhookProcessor.Sign(Secret, request.Headers["webhook-id"], timestamp, request.Body), request.Headers["webhook-signature"]);
    }

    [Fact]
    public async Task The_raw_message_is_included_when_the_settings_ask_for_it()
    {
        await RunAsync(("Webhook:IncludeRaw", "true"));
        using var body = JsonDocument.Parse(Assert.Single(_receiver.Requests).Body);
        Assert.Equal(_message.Raw.ToArray(), body.RootElement.GetProperty("raw").GetBytesFromBase64());
    }

    [Theory]
    [InlineData(200)]
    [InlineData(202)]
    [InlineData(204)]
    public async Task Any_2xx_status_completes_the_email(int status)
    {
        _receiver.Answer = Receiver.Status(status);
        await RunAsync();
        Assert.Single(_receiver.Requests);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(413)]
    [InlineData(415)]
    [InlineData(422)]
    public async Task A_refusal_is_permanent_and_is_not_retried(int status)
    {
        _receiver.Answer = Receiver.Status(status);
        var error = await Assert.ThrowsAsync<PermanentFailureException>(() => RunAsync());
        Assert.Contains(status.ToString(CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
        Assert.Single(_receiver.Requests);
    }

    [Theory]
    [InlineData(302)]
    [InlineData(308)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(408)]
    [InlineData(410)]
    [InlineData(421)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Transient_failures_are_retried_with_the_same_idempotency_key(int status)
    {
        _receiver.Answer = Receiver.Status(status, "0");
        var error = await Assert.ThrowsAsync<TransientFailureException>(() => RunAsync());
        Assert.Contains(status.ToString(CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
        Assert.Equal(3, _receiver.Requests.Count);
        Assert.All(_receiver.Requests, request => Assert.Equal("/hook", request.Path));
        Assert.Equal(
            _message.Id.ToString(), Assert.Single(_receiver.Requests.Select(request => request.Headers["Idempotency-Key"]).Distinct()));
        Assert.Single(_receiver.Requests.Select(request => Convert.ToHexString(request.Body)).Distinct());
    }

    [Fact]
    public async Task The_settings_choose_the_permanent_status_codes()
    {
        _receiver.Answer = Receiver.Status(410);
        await Assert.ThrowsAsync<PermanentFailureException>(() => RunAsync(("Webhook:PermanentStatusCodes:0", "410")));
        _receiver.Answer = Receiver.Status(400);
        await Assert.ThrowsAsync<TransientFailureException>(
            () => RunAsync(("Webhook:PermanentStatusCodes:0", "410"), ("Processing:Retries", "0")));
    }

    // Without the header the first retry comes after 0.2 s or so.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_retry_waits_as_long_as_Retry_After_says(bool asDate)
    {
        var times = new List<long>();
        _receiver.Answer = (context, number) =>
        {
            times.Add(Stopwatch.GetTimestamp());
            if (number > 1)
                return Task.CompletedTask;
            // HTTP dates are whole seconds, rounded down.
            var after = asDate ? TimeProvider.System.GetUtcNow().AddSeconds(3).ToString("R", CultureInfo.InvariantCulture) : "2";
            return Receiver.Status(429, after)(context, number);
        };
        await RunAsync();
        Assert.Equal(2, times.Count);
        Assert.InRange(Stopwatch.GetElapsedTime(times[0], times[1]), TimeSpan.FromSeconds(1.9), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_receiver_that_does_not_answer_in_time_is_a_transient_failure()
    {
        _receiver.Answer = (context, _) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        var error = await Assert.ThrowsAsync<TransientFailureException>(
            () => RunAsync(("Webhook:Timeout", "00:00:00.300"), ("Processing:Retries", "0")));
        Assert.Contains("0.3 s", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unreachable_receiver_is_a_transient_failure()
    {
        var error = await Assert.ThrowsAsync<TransientFailureException>(
            () => RunAsync(("Webhook:Url", $"http://127.0.0.1:{Loopback.FreePort()}/"), ("Processing:Retries", "0")));
        Assert.IsType<HttpRequestException>(error.InnerException);
    }

    [Fact]
    public async Task A_cancelled_run_is_not_a_failure_of_the_receiver()
    {
        using var cancel = new CancellationTokenSource();
        _receiver.Answer = async (context, _) =>
        {
            await cancel.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        };
        await using var services = Services();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => services.GetRequiredService<ProcessorRunner>().RunAsync(new EmailDelivery { Email = _message }, cancel.Token));
    }

    // HttpClient's own timeout of 100 seconds would end a longer Webhook:Timeout with an unexpected cancellation.
    [Fact]
    public async Task Only_the_timeout_of_the_settings_applies()
    {
        await using var services = Services();
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient(WebhookProcessor.Name);
        Assert.Equal(Timeout.InfiniteTimeSpan, client.Timeout);
    }

    private async Task RunAsync(params (string Name, string Value)[] changes)
    {
        await using var services = Services(changes);
        var processor = services.GetRequiredService<ProcessorRunner>();
        var pipeline = services.GetRequiredService<ResiliencePipelineProvider<string>>().GetPipeline(ProcessingPipeline.Name);
        await pipeline.ExecuteAsync(
            async token => await processor.RunAsync(new EmailDelivery { Email = _message }, token), TestContext.Current.CancellationToken);
    }

    private ServiceProvider Services(params (string Name, string Value)[] changes)
    {
        var settings = new Dictionary<string, string?>
        {
            ["REDIS_HOST"] = "localhost",
            ["Processing:Processor"] = "webhook",
            ["Webhook:Url"] = _receiver.Url,
            ["Webhook:Secret"] = Secret,
        };
        foreach (var (name, value) in changes)
            settings[name] = value;
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        return new ServiceCollection().AddLogging().AddEmailIngestion(configuration).BuildServiceProvider();
    }

    private static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
}
