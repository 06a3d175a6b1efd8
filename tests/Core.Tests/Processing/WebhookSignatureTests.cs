using System.Buffers;
using System.Text;
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
        Sign([Secret], "msg_1", "1700000000", "{\"id\":1}"));

    [Fact]
    public void Secret_id_time_and_body_are_all_signed() => Assert.Distinct(
    [
        Sign([Secret], "msg_1", "1700000000", "{}"),
        Sign([Secret + "!"], "msg_1", "1700000000", "{}"),
        Sign([Secret], "msg_2", "1700000000", "{}"),
        Sign([Secret], "msg_1", "1700000001", "{}"),
        Sign([Secret], "msg_1", "1700000000", "{ }"),
    ]);

    [Fact]
    public void Two_secrets_give_two_signatures_the_current_one_first()
    {
        var both = Sign([Secret, "the former secret, long enough"], "msg_1", "1700000000", "{}").Split(' ');
        Assert.Equal(
            [Sign([Secret], "msg_1", "1700000000", "{}"), Sign(["the former secret, long enough"], "msg_1", "1700000000", "{}")], both);
    }

    [Fact]
    public void A_body_in_several_segments_has_the_same_signature()
    {
        var first = new Segment("{\"id"u8.ToArray(), 0);
        var last = first.Append("\":1}"u8.ToArray());
        var body = new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
        Assert.Equal(Sign([Secret], "msg_1", "1700000000", "{\"id\":1}"), new WebhookSignature([Secret]).Sign("msg_1", "1700000000", body));
    }

    private static string Sign(string[] secrets, string id, string timestamp, string body) =>
        new WebhookSignature(secrets).Sign(id, timestamp, new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(body)));

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long index) => (Memory, RunningIndex) = (memory, index);

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
