namespace EmailIngestion.Streams.Jobs;

/// <summary>A job that is to be created.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Filter">What it works on, as JSON.</param>
/// <param name="Total">How many items it has; 0 when that is not known.</param>
/// <param name="Who">Who creates it.</param>
/// <param name="Action">How the audit names it, such as <c>bulk-replay</c>.</param>
internal sealed record NewJob(string Kind, string Filter, long Total, string Who, string Action)
{
    /// <summary>The last item that it works on; empty for all.</summary>
    public string Until { get; init; } = "";

    /// <summary>The digest of the token of the preview that confirms it; null where none is needed.</summary>
    public string? Preview { get; init; }
}
