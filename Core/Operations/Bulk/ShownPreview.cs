using EmailIngestion.Streams.Dlq;

namespace EmailIngestion.Operations.Bulk;

/// <summary>What a preview has shown, as Redis has it.</summary>
internal sealed record ShownPreview(BulkAction Action, DeadLetterFilter Filter, string Until, long Total);
