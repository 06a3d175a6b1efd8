namespace EmailIngestion.Messages;

/// <summary>
/// Who sent the email, as checked by the trusted receiving server (Authentication-Results, RFC 8601) and, if asked for, by ourselves.
/// </summary>
public sealed record ParsedAuthentication
{
    /// <summary>
    /// The server whose results these are (its authserv-id, or <c>microsoft365</c>); null when only <see cref="Verified"/> is given.
    /// </summary>
    public string? Server { get; init; }

    /// <summary>SPF: whether the sending machine may send for the domain; null when the server did not check.</summary>
    public ParsedAuthenticationResult? Spf { get; init; }

    /// <summary>
    /// DKIM: the server's results in its order, one for each signature that it checked, at most 20. Some servers write one <c>none</c> for
    /// an email without a signature.
    /// </summary>
    public required IReadOnlyList<ParsedAuthenticationResult> Dkim { get; init; }

    /// <summary>DMARC: whether the From header's domain is confirmed; null when the server did not check.</summary>
    public ParsedAuthenticationResult? Dmarc { get; init; }

    /// <summary>ARC: whether the chain of forwarders is valid; null when the server did not check.</summary>
    public ParsedAuthenticationResult? Arc { get; init; }

    /// <summary>
    /// DKIM as checked by the consumer (<c>Processing:VerifyDkim</c>): one result for each signature in the order of the email, at most 10;
    /// null when it did not check. The results are <c>pass</c>, <c>fail</c>, <c>neutral</c> (not checked, or the signature says too
    /// little), <c>temperror</c> (DNS did not answer) and <c>permerror</c> (the signature or its key is wrong).
    /// </summary>
    public IReadOnlyList<ParsedAuthenticationResult>? Verified { get; init; }
}
