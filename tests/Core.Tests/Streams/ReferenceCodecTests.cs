using EmailIngestion.Bodies;
using EmailIngestion.Core.Tests.Messages;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Core.Tests.Streams;

/// <summary>Tests entries that refer to their message.</summary>
public sealed class ReferenceCodecTests
{
    private static readonly string Digest = new('a', 64);
    private static readonly BodyReference Body = new(BodyStoreKind.Redis, $"{new string('0', 32)}-{Digest}", 200_000, Digest);

    [Fact]
    public void A_reference_is_read_as_it_was_written()
    {
        var (message, malformed) = EntryCodec.Decode(Fields(), out var body);

        Assert.Null(malformed);
        Assert.Equal(Body, body);
        Assert.True(message!.Raw.IsEmpty);
        Assert.Equal(Body, EntryCodec.ReferenceOf(Fields()));
    }

    [Fact]
    public void An_entry_with_its_message_needs_no_reference()
    {
        var (message, malformed) = EntryCodec.Decode([.. Fields(), new("raw", "hello")], out var body);

        Assert.Equal((null, null, 5), (malformed, body, message!.Raw.Length));
    }

    [Theory]
    [InlineData("raw-store", null, "field 'raw' is missing")]
    [InlineData("raw-store", "ftp", "field 'raw-store' is not a store of bodies")]
    [InlineData("raw-name", null, "field 'raw-name' is not the name of a body")]
    [InlineData("raw-name", "../../etc/passwd", "field 'raw-name' is not the name of a body")]
    [InlineData("raw-size", null, "field 'raw-size' is not a size of a body")]
    [InlineData("raw-size", "-1", "field 'raw-size' is not a size of a body")]
    [InlineData("raw-size", "99999999999", "field 'raw-size' is not a size of a body")]
    [InlineData("raw-sha256", null, "field 'raw-sha256' is not the digest in 'raw-name'")]
    [InlineData("raw-sha256", "abc", "field 'raw-sha256' is not the digest in 'raw-name'")]
    public void A_malformed_reference_names_its_field(string field, string? value, string malformed)
    {
        NameValueEntry[] fields =
        [
            .. Fields().Where(one => one.Name != field).Concat(value is null ? [] : [new NameValueEntry(field, value)]),
        ];

        Assert.Equal((null, malformed), EntryCodec.Decode(fields, out var body));
        Assert.Null(body);
    }

    // As Redis returns them: names and values are bytes.
    private static NameValueEntry[] Fields() =>
        [.. EntryCodec.Encode(Mail.Of("Subject: x\r\n\r\n"), Body).Select(field => new NameValueEntry(field.Name, (byte[])field.Value!))];
}
