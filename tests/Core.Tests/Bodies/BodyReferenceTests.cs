using EmailIngestion.Bodies;
using EmailIngestion.Messages;
using Xunit;

namespace EmailIngestion.Core.Tests.Bodies;

public sealed class BodyReferenceTests
{
    private const string Digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    private const string Id = "0000000000000000000000000000000a";
    private const string InRedis = $"{Id}-{Digest}";
    private const string Outside = $"0123456789abcdef/{InRedis}";

    [Theory]
    [InlineData(BodyStoreKind.Redis, "redis", InRedis)]
    [InlineData(BodyStoreKind.Folder, "folder", Outside)]
    [InlineData(BodyStoreKind.AzureBlob, "azure-blob", Outside)]
    public void The_fields_of_a_reference_are_read_as_they_were_written(BodyStoreKind store, string text, string name)
    {
        var body = new BodyReference(store, name, 200_000, Digest);
        Assert.Equal(text, body.StoreText);
        Assert.Equal((body, null), BodyReference.Parse(text, name, body.SizeText, Digest));
        Assert.Equal(store == BodyStoreKind.Redis ? "" : "0123456789abcdef", BodyName.Scope(name));
        Assert.Equal(InRedis, BodyName.Local(name));
    }

    // An entry is hostile input: its name becomes a path.
    [Theory]
    [InlineData(null, Outside, "5", Digest, "field 'raw-store' is not a store of bodies")]
    [InlineData("Folder", Outside, "5", Digest, "field 'raw-store' is not a store of bodies")]
    [InlineData("folder", null, "5", Digest, "field 'raw-name' is not the name of a body")]
    [InlineData("folder", "../../etc/passwd", "5", Digest, "field 'raw-name' is not the name of a body")]
    [InlineData("folder", "0123456789abcdef/../" + InRedis, "5", Digest, "field 'raw-name' is not the name of a body")]
    [InlineData("folder", "0123456789ABCDEF/" + InRedis, "5", Digest, "field 'raw-name' is not the name of a body")]
    [InlineData("folder", Outside + "\n", "5", Digest, "field 'raw-name' is not the name of a body")]
    [InlineData("folder", InRedis, "5", Digest, "field 'raw-name' is not a name of the store folder")]
    [InlineData("redis", Outside, "5", Digest, "field 'raw-name' is not a name of the store redis")]
    [InlineData("folder", Outside, null, Digest, "field 'raw-size' is not a size of a body")]
    [InlineData("folder", Outside, "0", Digest, "field 'raw-size' is not a size of a body")]
    [InlineData("folder", Outside, "-5", Digest, "field 'raw-size' is not a size of a body")]
    [InlineData("folder", Outside, "1073741825", Digest, "field 'raw-size' is not a size of a body")]
    [InlineData("folder", Outside, "99999999999999999999", Digest, "field 'raw-size' is not a size of a body")]
    [InlineData("folder", Outside, "5", null, "field 'raw-sha256' is not the digest in 'raw-name'")]
    [InlineData("folder", Outside, "5", "38b9824", "field 'raw-sha256' is not the digest in 'raw-name'")]
    [InlineData("folder", Outside, "5", "3cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
        "field 'raw-sha256' is not the digest in 'raw-name'")]
    public void A_malformed_reference_names_the_field(string? store, string? name, string? size, string? digest, string malformed) =>
        Assert.Equal((null, malformed), BodyReference.Parse(store, name, size, digest));

    [Fact]
    public void A_name_is_made_of_the_id_and_the_digest()
    {
        Assert.Equal(InRedis, BodyName.Of("", new EmailId(10), BodyName.Digest("hello"u8)));
        Assert.Equal(Outside, BodyName.Of("0123456789abcdef", new EmailId(10), BodyName.Digest("hello"u8)));
        Assert.Equal(BodyName.LocalLength, InRedis.Length);
    }
}
