using EmailIngestion.Mailboxes;
using MimeKit.IO;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

/// <summary>The memory that reading a body takes.</summary>
public sealed class FetchedBatchTests
{
    private const int Length = 20_000_000;
    private const int Mebibyte = 1024 * 1024;

    [Fact]
    public void A_large_body_is_read_into_its_own_array_and_no_other()
    {
        using var share = new PollBudget(Length).Open();
        var batch = new FetchedBatch(share);
        using var body = Body();

        var before = GC.GetAllocatedBytesForCurrentThread();
        var read = batch.Read(body);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(Length, read.Length);
        Assert.Equal(-1, read.Span.IndexOfAnyExcept((byte)'x'));
        Assert.InRange(allocated, Length, Length + Mebibyte);
    }

    [Fact]
    public void A_body_that_ends_before_its_length_is_an_error()
    {
        using var share = new PollBudget(Length).Open();
        using var body = new CutBody(100, given: 60);

        Assert.Throws<EndOfStreamException>(() => new FetchedBatch(share).Read(body));
    }

    [Fact]
    public void Small_bodies_share_an_array_and_a_dropped_one_returns_its_part()
    {
        using var share = new PollBudget(Length).Open();
        var batch = new FetchedBatch(share);

        var first = batch.RentBody(4_000);
        var dropped = batch.RentBody(5_000);
        batch.ReturnLast(5_000);
        var second = batch.RentBody(6_000);

        Assert.Same(first.Array, dropped.Array);
        Assert.Same(first.Array, second.Array);
        Assert.Equal((0, 4_000, 4_000), (first.Offset, dropped.Offset, second.Offset));
    }

    [Fact]
    public void No_body_overlaps_another_whatever_their_sizes()
    {
        using var share = new PollBudget(Length).Open();
        var batch = new FetchedBatch(share);
        int[] sizes = [1, 32_768, 32_768, 1, 32_769, 70_000, 20_000, 20_000, 30_000, 0, 40_000, 10];

        var bodies = sizes.Select(batch.RentBody).ToArray();
        foreach (var (index, body) in bodies.Index())
            body.AsSpan().Fill((byte)(index + 1));

        Assert.Equal(sizes, bodies.Select(body => body.Count));
        Assert.All(bodies.Index(), body => Assert.Equal(-1, body.Item.AsSpan().IndexOfAnyExcept((byte)(body.Index + 1))));
    }

    // Like the stream of the mail library.
    private static MemoryBlockStream Body()
    {
        var body = new MemoryBlockStream();
        var part = new byte[Length / 100];
        part.AsSpan().Fill((byte)'x');
        for (var i = 0; i < 100; i++)
            body.Write(part, 0, part.Length);
        body.Position = 0;
        return body;
    }

    private sealed class CutBody(int length, int given) : MemoryStream(new byte[given])
    {
        public override long Length => length;
    }
}
