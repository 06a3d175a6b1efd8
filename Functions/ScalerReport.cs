using System.Text.Json.Serialization;

namespace EmailIngestion.Functions;

/// <param name="Partition">The partition's name; empty for the unnamed one.</param>
/// <param name="Lag">Entries that were not delivered yet; -1 while Redis does not know, null if it cannot be read.</param>
/// <param name="Pending">Entries that were delivered and are not settled; null if it cannot be read.</param>
/// <param name="Length">All entries in the stream; null if it cannot be read.</param>
/// <param name="Problems">Why a number is null; left out if there is none.</param>
internal sealed record ScalerReport(
    string Partition,
    long? Lag,
    long? Pending,
    long? Length,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Problems);
