namespace EmailIngestion.Bodies;

/// <summary>The fields of an entry that refer to its body. They replace the field <c>raw</c>. They are a wire format.</summary>
internal static class BodyFields
{
    public const string Store = "raw-store";
    public const string Name = "raw-name";
    public const string Size = "raw-size";
    public const string Sha256 = "raw-sha256";
}
