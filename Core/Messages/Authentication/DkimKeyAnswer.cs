namespace EmailIngestion.Messages.Authentication;

/// <summary>The answer to a question for a DKIM key.</summary>
/// <param name="Record">The text of the key record; null when there is none or it is not known.</param>
/// <param name="Outage">Why the question was not answered; null when it was.</param>
internal sealed record DkimKeyAnswer(string? Record, string? Outage = null)
{
    /// <summary>The domain has no such key.</summary>
    public static DkimKeyAnswer None { get; } = new((string?)null);
}
