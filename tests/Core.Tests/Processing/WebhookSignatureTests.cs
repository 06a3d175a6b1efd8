using EmailIngestion.Processing;
using Xunit;

namespace EmailIngestion.Core.Tests.Processing;

public sealed class WebhookSignatureTests
{
    private const string Secret = "a secret of some length";

    // v1,base64(HMAC-SHA256(secret, "msg_1.1700000000." + body)), computed with another program.
    [Fact]
    public void A_known_message_has_the_known_signature() => Assert.Equal(
        "v1,OYiDZD5qPcycKf7VeC8O1I4yLjfXdz0luuzN2pXtJ7w=",
        WebhookProcessor.Sign(Secret, "msg_1", "1700000000", "{\"id\":1}"u8));

    [Fact]
    public void Secret_id_time_and_body_are_all_signed() => Assert.Distinct(
    [
        WebhookProcessor.Sign(Secret, "msg_1", "1700000000", "{}"u8),
        WebhookProcessor.Sign(Secret + "!", "msg_1", "1700000000", "{}"u8),
        WebhookProcessor.Sign(Secret, "msg_2", "1700000000", "{}"u8),
        WebhookProcessor.Sign(Secret, "msg_1", "1700000001", "{}"u8),
        WebhookProcessor.Sign(Secret, "msg_1", "1700000000", "{ }"u8),
    ]);
}
