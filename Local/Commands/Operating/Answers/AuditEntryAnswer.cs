using System.Text.Json;

namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record AuditEntryAnswer
{
    public string? At { get; set; }

    public string? Who { get; set; }

    public string? Action { get; set; }

    public string? Target { get; set; }

    public JsonElement? Filter { get; set; }

    public long? Count { get; set; }

    public string? Outcome { get; set; }
}
