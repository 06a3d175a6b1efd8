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
