using EmailIngestion.Core.Tests.Configuration;
using EmailIngestion.Processing;
using Xunit;

namespace EmailIngestion.Core.Tests.Processing;

public sealed class WebhookSecretTests
{
    [Theory]
    [InlineData(24)]
    [InlineData(32)]
    [InlineData(64)]
    public void A_secret_of_24_to_64_bytes_is_accepted(int bytes)
    {
        Assert.Null(Fault(Prefixed(bytes)));
        Assert.Null(Fault(new string('s', bytes)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(12)]
    [InlineData(16)]
    [InlineData(23)]
    [InlineData(65)]
    [InlineData(1000)]
    public void The_bytes_of_the_key_count_and_not_the_prefix(int bytes)
    {
        Assert.Equal(
            $"Webhook:Secret has {bytes} bytes after whsec_, decoded: the key of the signature must have 24 to 64.",
            Fault(Prefixed(bytes)));
        Assert.Equal(
            $"Webhook:Secret has {bytes} bytes: the key of the signature must have 24 to 64.", Fault(new string('s', bytes)));
    }

    [Fact]
    public void Bytes_count_and_not_characters()
    {
        Assert.Null(Fault(new string('é', 12)));
        Assert.StartsWith("Webhook:Secret has 66 bytes:", Fault(new string('é', 33)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("whsec_not base64 at all, but long enough to be a key")]
    [InlineData("whsec_AAAA=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void A_prefix_without_base64_is_refused_and_the_secret_not_shown(string secret)
    {
        var line = Line(("Webhook:Secret", secret));
        Assert.Equal("Settings: Webhook:Secret begins with whsec_, but the rest is not base64.", line);
    }

    [Fact]
    public void A_wrong_secret_is_not_shown()
    {
        var secret = Prefixed(23);
        Assert.DoesNotContain(secret["whsec_".Length..], Line(("Webhook:Secret", secret)), StringComparison.Ordinal);
    }

    private static string? Fault(string secret) => WebhookSecret.Fault("Webhook:Secret", secret);

    private static string Prefixed(int bytes) => "whsec_" + Convert.ToBase64String([.. Enumerable.Range(0, bytes).Select(i => (byte)i)]);

    private static string Line((string, string?) setting) => Assert.Single(Start.Lines(Start.Good(
        ("Processing:Processor", "webhook"), ("Webhook:Url", "https://example.org/"), setting)));
}
