namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record PreviewAnswer
{
    public long Count { get; set; }

    public string? Until { get; set; }

    public string Token { get; set; } = "";

    public int? MaxReplays { get; set; }

    public long Skipped { get; set; }

    /// <summary>An older server counts all.</summary>
    public bool Whole { get; set; } = true;
}
