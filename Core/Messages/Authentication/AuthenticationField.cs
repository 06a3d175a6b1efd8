namespace EmailIngestion.Messages.Authentication;

/// <summary>An Authentication-Results field (RFC 8601).</summary>
/// <param name="Server">The authserv-id; null in the fields of Microsoft 365, which have none.</param>
/// <param name="Results">The results in the order of the field.</param>
internal sealed record AuthenticationField(string? Server, IReadOnlyList<AuthenticationResult> Results)
{
    /// <summary>The longest value that is read, in bytes. Real ones have 200 to 2,000.</summary>
    public const int MaxBytes = 16 * 1024;
}
