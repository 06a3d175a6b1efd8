namespace EmailIngestion.Messages;

/// <summary>One result of a check of the sender.</summary>
/// <param name="Result">The result in lower case, such as <c>pass</c>, <c>fail</c>, <c>none</c> or <c>temperror</c>.</param>
/// <param name="Domain">The domain it is about; null when it is not given.</param>
/// <param name="Selector">DKIM's selector; null for others or when it is not given.</param>
/// <param name="Reason">The server's words, at most 500 characters; null when there are none.</param>
public sealed record ParsedAuthenticationResult(string Result, string? Domain = null, string? Selector = null, string? Reason = null);
