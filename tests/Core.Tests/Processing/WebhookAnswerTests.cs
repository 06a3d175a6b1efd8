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
            var failure = WebhookAnswer.Failure((HttpStatusCode)status, null, TimeSpan.FromSeconds(3));
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
    public void The_error_names_the_status_code_and_what_to_check(int status, string text) =>
        Assert.Equal(text, WebhookAnswer.Failure((HttpStatusCode)status, null, null).Message);

    [Fact]
    public void The_permanent_status_codes_can_be_set()
    {
        Assert.IsType<PermanentFailureException>(WebhookAnswer.Failure(HttpStatusCode.Gone, [410], null));
        Assert.IsType<TransientFailureException>(WebhookAnswer.Failure(HttpStatusCode.BadRequest, [410], null));
    }
}
