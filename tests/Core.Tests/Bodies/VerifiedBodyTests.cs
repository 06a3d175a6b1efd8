using EmailIngestion.Bodies;
using EmailIngestion.Messages;
using Xunit;

namespace EmailIngestion.Core.Tests.Bodies;

public sealed class VerifiedBodyTests
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 7))];

    [Fact]
    public async Task The_end_is_found_once_and_the_body_is_verified()
    {
        var ends = new List<BodyFailure?>();
        await using var body = Of(Content);
        body.Ended = ends.Add;
        Assert.Equal(Content, await VerifiedBody.ReadAllAsync(body, Reference(), TestContext.Current.CancellationToken));
        Assert.Equal(0, await body.ReadAsync(new byte[10], TestContext.Current.CancellationToken));
        Assert.Equal([(BodyFailure?)null], ends);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    public void Another_content_fails_and_nothing_past_the_size_is_given_out(int more)
    {
        byte[] other = more < 0 ? Content[..^1] : more > 0 ? [.. Content, 1] : [.. Content[..^1], 1];
        BodyFailure? end = null;
        using var body = Of(other);
        body.Ended = failure => end = failure;
        var copied = new MemoryStream();
        Assert.Equal(BodyFailure.Mismatch, Assert.Throws<BodyStoreException>(() => body.CopyTo(copied)).Failure);
        Assert.True(copied.Length <= Content.Length);
        Assert.Equal(BodyFailure.Mismatch, end);
    }

    // Only the end shows the digest.
    [Fact]
    public async Task A_read_without_bytes_is_not_the_end()
    {
        await using var body = Of(Content);
        Assert.Equal(0, await body.ReadAsync(Memory<byte>.Empty, TestContext.Current.CancellationToken));
        Assert.Equal(Content, await VerifiedBody.ReadAllAsync(body, Reference(), TestContext.Current.CancellationToken));
    }

    private static BodyReference Reference() => new(
        BodyStoreKind.Redis, BodyName.Of("", new EmailId(1), BodyName.Digest(Content)), Content.Length, BodyName.Digest(Content));

    private static VerifiedBody Of(byte[] content) => new(new MemoryStream(content), Reference(), _ => null);
}
