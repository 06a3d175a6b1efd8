using System.Globalization;

namespace EmailIngestion.Bodies;

/// <summary>
/// What an entry has instead of a large body: where the body is, and what it must be. The reader verifies size and digest
/// (<see cref="VerifiedBody"/>).
/// </summary>
/// <param name="Store">The store that has the body.</param>
/// <param name="Name">The body's name in the store (<see cref="BodyName"/>).</param>
/// <param name="Size">The body's length in bytes.</param>
/// <param name="Sha256">The body's SHA-256, in lower-case hexadecimal digits.</param>
internal sealed record BodyReference(BodyStoreKind Store, string Name, long Size, string Sha256)
{
    /// <summary>The largest size that a reference may have. A larger one is a damaged entry.</summary>
    public const long MaxSize = 1L << 30;

    /// <summary>
    /// The largest body, in bytes, that is processed in memory. A larger one is in a local file, and is charged with this size: it covers
    /// the buffers and the texts of its email.
    /// </summary>
    public const long MaxInMemory = 4 * 1024 * 1024;

    /// <summary>Whether the body is processed from a local file.</summary>
    public bool IsStreamed => Size > MaxInMemory;

    /// <summary>The bytes that the body takes in memory while its email is processed.</summary>
    public long HeldBytes => Math.Min(Size, MaxInMemory);

    /// <summary>The store as an entry names it.</summary>
    public string StoreText => Text(Store);

    /// <summary>The size as an entry has it.</summary>
    public string SizeText => Size.ToString(CultureInfo.InvariantCulture);

    /// <summary>Reads a reference from the four fields of an entry. When it is malformed, the text names the field and says why.</summary>
    public static (BodyReference? Reference, string? Malformed) Parse(string? store, string? name, string? size, string? sha256)
    {
        if (KindOf(store) is not { } kind)
            return (null, $"field '{BodyFields.Store}' is not a store of bodies");
        if (name is null || !BodyName.IsValid(name))
            return (null, $"field '{BodyFields.Name}' is not the name of a body");
        if (BodyName.Scope(name).Length > 0 == (kind == BodyStoreKind.Redis))
            return (null, $"field '{BodyFields.Name}' is not a name of the store {store}");
        if (!long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) || bytes is < 1 or > MaxSize)
            return (null, $"field '{BodyFields.Size}' is not a size of a body");
        // The name ends with the digest.
        return sha256?.Length != BodyName.DigestLength || !name.EndsWith(sha256, StringComparison.Ordinal)
            ? (null, $"field '{BodyFields.Sha256}' is not the digest in '{BodyFields.Name}'")
            : (new BodyReference(kind, name, bytes, sha256), null);
    }

    /// <summary>A store as entries name it.</summary>
    public static string Text(BodyStoreKind store) => store switch
    {
        BodyStoreKind.Redis => "redis",
        BodyStoreKind.Folder => "folder",
        _ => "azure-blob",
    };

    private static BodyStoreKind? KindOf(string? text) => text switch
    {
        "redis" => BodyStoreKind.Redis,
        "folder" => BodyStoreKind.Folder,
        "azure-blob" => BodyStoreKind.AzureBlob,
        _ => null,
    };
}
