using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

/// <summary>Tests which answers to a request for a part of a body are taken.</summary>
public sealed class BodySinkTests
{
    private const uint Uid = 7;
    private const int Limit = 1_000;

    private readonly BodyCopy _copy = new(
        new PieceBuffers(new byte[2 * Limit], new byte[100], new byte[100]),
        new BodyUpload(new StubStore(() => { }), null),
        new StoreWait(TimeProvider.System),
        CancellationToken.None);

    // What was taken before, the length of the requested part (0: the whole body), and the answer's origin and length.
    [Theory]
    [InlineData(0, 200, 0, 200, "Part")]
    [InlineData(0, 200, 0, 50, "Part")]
    [InlineData(0, 200, 0, 201, "Whole")]
    [InlineData(0, 200, 0, 1_000, "Whole")]
    [InlineData(0, 200, 0, 1_001, "TooLarge")]
    [InlineData(0, 200, 5, 200, "Wrong")]
    [InlineData(300, 200, 300, 200, "Part")]
    [InlineData(300, 200, 300, 201, "Wrong")]
    [InlineData(300, 200, 0, 200, "Wrong")]
    [InlineData(300, 200, 299, 200, "Wrong")]
    [InlineData(300, 200, 0, 0, "Part")]
    [InlineData(900, 200, 900, 100, "Part")]
    [InlineData(900, 200, 900, 101, "TooLarge")]
    [InlineData(0, 0, 0, 1_000, "Whole")]
    [InlineData(0, 0, 0, 0, "Whole")]
    [InlineData(0, 0, 0, 1_001, "TooLarge")]
    [InlineData(0, 0, 5, 100, "Wrong")]
    public void An_answer_is_judged_by_its_origin_and_length(int taken, int count, int origin, int length, string verdict)
    {
        var sink = Sink(taken, count == 0 ? null : count);

        var isWanted = sink.Begin(Uid, origin, length);

        Assert.Equal(verdict, sink.Verdict.ToString());
        Assert.Equal(verdict is "Part" or "Whole", isWanted);
    }

    [Fact]
    public void A_part_that_begins_as_the_email_does_is_not_taken()
    {
        var sink = Sink(300, 200);
        sink.Begin(Uid, 300, 200);

        sink.Write(_copy.Head.Span[..100]);
        sink.Write(new byte[100]);

        Assert.Equal((BodyVerdict.Wrong, 300L), (sink.Verdict, _copy.Length));
    }

    [Fact]
    public void Answers_about_other_emails_and_second_answers_are_dropped()
    {
        var sink = Sink(0, 200);

        Assert.False(sink.Begin(Uid + 1, 0, 100));
        Assert.Equal(BodyVerdict.Nothing, sink.Verdict);
        Assert.True(sink.Begin(null, 0, 100));
        Assert.False(sink.IsNamed);
        Assert.False(sink.Begin(Uid, 0, 100));
    }

    [Fact]
    public void Every_byte_of_every_answer_is_counted_once()
    {
        var sink = Sink(0, 200);

        sink.Begin(Uid + 1, 0, 10);
        sink.Begin(Uid, 0, 200);
        sink.Write(new byte[150]);
        sink.Begin(Uid, 0, 3);
        sink.Expect(200);
        sink.Begin(Uid, 7, 40);

        Assert.Equal(10 + 150 + 3 + 40, sink.Received);
    }

    // Bytes that differ, so that no part begins like the email.
    private BodySink Sink(int taken, int? count)
    {
        _copy.Write([.. Enumerable.Range(0, taken).Select(value => (byte)(value % 251))]);
        var sink = new BodySink(Uid, Limit, _copy);
        sink.Expect(count);
        return sink;
    }
}
