using EmailIngestion.Streams;

namespace EmailIngestion.Operations.Bulk;

/// <summary>A dead letter in <c>dead-letters.json</c> of an export.</summary>
/// <param name="DeadLetter">The dead letter without its message.</param>
/// <param name="File">The file of the export with its message; left out if there is none.</param>
/// <param name="Note">Why there is no file, or why it is incomplete; left out if it is whole.</param>
internal sealed record ExportedDeadLetter(DeadLetter DeadLetter, string? File, string? Note);
