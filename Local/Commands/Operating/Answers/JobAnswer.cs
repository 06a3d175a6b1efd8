using System.Text.Json;
using System.Text.Json.Serialization;

namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record JobAnswer
{
    public string Id { get; set; } = "";

    public string? Partition { get; set; }

    public string? Kind { get; set; }

    public string State { get; set; } = "";

    public string? Reason { get; set; }

    public long? Total { get; set; }

    public long Done { get; set; }

    public long Skipped { get; set; }

    public long Failed { get; set; }

    public string? Who { get; set; }

    public DateTimeOffset? Created { get; set; }

    public DateTimeOffset? Started { get; set; }

    public DateTimeOffset? Ended { get; set; }

    public string? Process { get; set; }

    /// <summary>The job that must end before this one runs; null if there is none.</summary>
    public string? Follows { get; set; }

    public JsonElement? Filter { get; set; }

    /// <summary>The number of items; null where it is not known.</summary>
    [JsonIgnore]
    public long? KnownTotal => Total is > 0 ? Total : null;

    [JsonIgnore]
    public bool HasEnded => State is "completed" or "cancelled" or "failed";
}
