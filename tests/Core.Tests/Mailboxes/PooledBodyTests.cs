using EmailIngestion.Mailboxes.Imap;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

/// <summary>Tests the stream that takes a body from MailKit.</summary>
public sealed class PooledBodyTests
{
    private static readonly byte[] Sent = [.. Enumerable.Range(0, 300_000).Select(number => (byte)(number % 251))];

    [Fact]
    public void A_body_is_read_as_it_was_written()
    {
        using var body = Taken();
        Assert.Equal(Sent.Length, body.Length);
        Assert.Equal(Sent, body.ToArray());
    }

    [Fact]
    public void A_body_that_is_cut_has_the_bytes_that_came()
    {
        using var body = PooledBody.Rent(Sent.Length);
        body.Write(Sent, 0, 10);
        Assert.Equal(10, body.Length);
    }

    [Fact]
    public void Bodies_one_after_the_other_use_one_array()
    {
        Taken().Dispose();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var bodies = 0; bodies < 10; bodies++)
            Taken().Dispose();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Sent.Length / 10);
    }

    // As MailKit writes it.
    private static PooledBody Taken()
    {
        const int Piece = 4_096;
        var body = PooledBody.Rent(Sent.Length);
        for (var at = 0; at < Sent.Length; at += Piece)
            body.Write(Sent, at, Math.Min(Piece, Sent.Length - at));
        body.Position = 0;
        return body;
    }
}
