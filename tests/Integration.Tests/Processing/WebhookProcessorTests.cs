using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using EmailIngestion.DevServers;
using EmailIngestion.Messages;
using EmailIngestion.Processing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EmailIngestion.Integration.Tests.Processing;

public sealed class WebhookProcessorTests : IAsyncLifetime
{
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

        Assert.Matches(@"\AEmailIngestion/\d+\.\d+\.\d+\z", request.Headers["User-Agent"]);
        Assert.Equal(_message.Id.ToString(), request.Headers["webhook-id"]);
        var timestamp = request.Headers["webhook-timestamp"];
        Assert.InRange(long.Parse(timestamp, CultureInfo.InvariantCulture), Now() - 60, Now());
        Assert.Equal(
            Signature(WebhookHost.Secret, request.Headers["webhook-id"], timestamp, request.Body),
            request.Headers["webhook-signature"]);
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
    public async Task The_first_line_of_the_answer_is_in_the_failure()
    {
        _receiver.Answer = Receiver.Text(422, "No invoice in it.\nMore");
        var error = await Assert.ThrowsAsync<PermanentFailureException>(() => RunAsync());
        Assert.Equal("The webhook answered 422: No invoice in it.", error.Message);
    }

    [Fact]
    public async Task At_most_4_KiB_of_an_endless_answer_are_read()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _receiver.Answer = async (context, _) =>
        {
            context.Response.StatusCode = 422;
            var block = new byte[1_024];
            block.AsSpan().Fill((byte)'x');
            try
            {
                while (true)
                    await context.Response.Body.WriteAsync(block, context.RequestAborted);
            }
            catch (OperationCanceledException)
            {
                ended.SetResult();
            }
        };
        var error = await Assert.ThrowsAsync<PermanentFailureException>(() => RunAsync());
        Assert.Equal($"The webhook answered 422: {new string('x', 200)}.", error.Message);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_answer_without_the_rest_of_its_text_counts_as_it_is()
    {
        _receiver.Answer = async (context, _) =>
        {
            context.Response.StatusCode = 422;
            await context.Response.WriteAsync("No invoice");
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        };
        var error = await Assert.ThrowsAsync<PermanentFailureException>(() => RunAsync());
        Assert.Equal("The webhook answered 422: No invoice.", error.Message);
    }

    [Fact]
    public async Task The_request_is_compressed_when_the_settings_ask_for_it()
    {
        await RunAsync(("Webhook:Compression", "Gzip"));
        var request = Assert.Single(_receiver.Requests);
        Assert.Equal("gzip", request.Headers["Content-Encoding"]);
        Assert.Equal($"{request.Body.Length}", request.Headers["Content-Length"]);
        await using var json = new GZipStream(new MemoryStream(request.Body), CompressionMode.Decompress);
        using var body = await JsonDocument.ParseAsync(json, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("Grüße", body.RootElement.GetProperty("subject").GetString());
    }

    [Fact]
    public async Task A_named_webhook_has_its_own_address_and_secret()
    {
        await RunAsync(
            ("Processing:Processor", "webhook:support"), ("Webhook:Url", "http://127.0.0.1:9/"),
            ("Webhooks:support:Url", _receiver.Url), ("Webhooks:support:Secret", "another secret of enough length"));
        var request = Assert.Single(_receiver.Requests);
        Assert.Equal(
            Signature("another secret of enough length", request.Headers["webhook-id"], request.Headers["webhook-timestamp"], request.Body),
            request.Headers["webhook-signature"]);
    }

    [Fact]
    public async Task A_failure_of_a_named_webhook_names_it()
    {
        _receiver.Answer = Receiver.Status(422);
        var error = await Assert.ThrowsAsync<PermanentFailureException>(() => RunAsync(
            ("Processing:Processor", "webhook:support"),
            ("Webhooks:support:Url", _receiver.Url), ("Webhooks:support:Secret", WebhookHost.Secret)));
        Assert.Equal("The webhook support answered 422.", error.Message);
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
        Assert.InRange(Stopwatch.GetElapsedTime(times[0], times[1]), TimeSpan.FromSeconds(1.9), TimeSpan.FromSeconds(60));
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
        await using var services = WebhookHost.Services(_receiver);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => services.GetRequiredService<ProcessorRunner>().RunAsync(new EmailDelivery { Email = _message }, cancel.Token));
    }

    // HttpClient's own timeout of 100 seconds would end a longer Webhook:Timeout with an unexpected cancellation.
    [Fact]
    public async Task Only_the_timeout_of_the_settings_applies()
    {
        await using var services = WebhookHost.Services(_receiver);
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient(WebhookNames.Unnamed);
        Assert.Equal(Timeout.InfiniteTimeSpan, client.Timeout);
    }

    private Task RunAsync(params (string Name, string Value)[] changes) => WebhookHost.RunAsync(_message, _receiver, changes);

    private static string Signature(string secret, string id, string timestamp, byte[] body) =>
        new WebhookSignature([secret]).Sign(id, timestamp, new ReadOnlySequence<byte>(body));

    private static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
}
