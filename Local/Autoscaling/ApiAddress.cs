namespace EmailIngestion.Local.Autoscaling;

/// <summary>Where a metrics-api trigger finds its value.</summary>
/// <param name="Url">The address in the manifest, which is one of the cluster.</param>
/// <param name="Location">The names down to the value in the JSON answer.</param>
/// <param name="KeyHeader">The header of the key; null without a key.</param>
internal sealed record ApiAddress(Uri Url, IReadOnlyList<string> Location, string? KeyHeader)
{
    public bool Equals(ApiAddress? other) =>
        other is not null && Url == other.Url && KeyHeader == other.KeyHeader && Location.SequenceEqual(other.Location);

    public override int GetHashCode() => HashCode.Combine(Url, KeyHeader, Location.Count);
}
