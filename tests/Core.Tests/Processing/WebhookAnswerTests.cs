using System.Net;
using EmailIngestion.Processing;
using Xunit;

namespace EmailIngestion.Core.Tests.Processing;

public sealed class WebhookAnswerTests
{
    private static readonly int[] Permanent = [400, 413, 415, 422];
    private static readonly int[] Moment = [408, 425, 429];

    [Fact]
    public void Every_answer_has_one_meaning()
    {
        for (var status = 100; status < 600; status++)
        {
            if (status is >= 200 and < 300)
                continue;
            var failure = Failure(status, retryAfter: TimeSpan.FromSeconds(3));
            Assert.StartsWith($"The webhook answered {status}", failure.Message, StringComparison.Ordinal);
            if (Permanent.Contains(status))
            {
                Assert.IsType<PermanentFailureException>(failure);
                continue;
            }

            var transient = Assert.IsType<TransientFailureException>(failure);
            Assert.Equal(TimeSpan.FromSeconds(3), transient.RetryAfter);
            Assert.Equal(status is >= 300 and < 500 && !Moment.Contains(status), transient.RefusesAll);
        }
    }

    [Theory]
    [InlineData(401, "The webhook answered 401: it does not accept the request; check Webhook:Url and Webhook:Secret.")]
    [InlineData(404, "The webhook answered 404: it accepts no emails at this address; check Webhook:Url.")]
    [InlineData(302, "The webhook answered 302: it redirects, and redirects are not followed; check Webhook:Url.")]
    [InlineData(503, "The webhook answered 503.")]
    public void The_error_names_the_status_code_and_what_to_check(int status, string text) => Assert.Equal(text, Failure(status).Message);

    [Theory]
    [InlineData(422, "No invoice\nin it.", "The webhook answered 422: No invoice.")]
    [InlineData(422, "\r\n  \r\nNo invoice.\r\n", "The webhook answered 422: No invoice.")]
    [InlineData(500, "Oops\u0007 [31mred", "The webhook answered 500: Oops [31mred.")]
    [InlineData(
        401, "bad signature",
        "The webhook answered 401: bad signature. It does not accept the request; check Webhook:Url and Webhook:Secret.")]
    public void The_error_has_the_first_line_of_the_answer(int status, string text, string error) =>
        Assert.Equal(error, Failure(status, text: text).Message);

    [Fact]
    public void A_long_line_is_cut() => Assert.Equal(
        $"The webhook answered 500: {new string('x', 200)}.", Failure(500, text: new string('x', 4_000)).Message);

    [Fact]
    public void The_error_of_a_named_webhook_names_it_and_its_settings() => Assert.Equal(
        "The webhook support answered 401: it does not accept the request; check Webhooks:support:Url and Webhooks:support:Secret.",
        WebhookAnswer.Failure(Reply(401), "Webhooks:support", new WebhookOptions()).Message);

    [Fact]
    public void A_receiver_without_gzip_refuses_every_compressed_request_and_no_email()
    {
        var failure = WebhookAnswer.Failure(Reply(415), "Webhook", new WebhookOptions { Compression = WebhookCompression.Gzip });
        Assert.True(Assert.IsType<TransientFailureException>(failure).RefusesAll);
        Assert.Equal("The webhook answered 415: it does not accept the compression; check Webhook:Compression.", failure.Message);
    }

    [Fact]
    public void The_permanent_status_codes_can_be_set()
    {
        Assert.IsType<PermanentFailureException>(Failure(410, [410]));
        Assert.IsType<TransientFailureException>(Failure(400, [410]));
    }

    private static Exception Failure(int status, int[]? permanent = null, TimeSpan? retryAfter = null, string text = "") =>
        WebhookAnswer.Failure(Reply(status, retryAfter, text), "Webhook", new WebhookOptions { PermanentStatusCodes = permanent });

    private static WebhookReply Reply(int status, TimeSpan? retryAfter = null, string text = "") =>
        new("1", (HttpStatusCode)status, retryAfter, text);
}
