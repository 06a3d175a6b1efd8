namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>How this process uses kept refresh tokens.</summary>
/// <param name="NeedsKey">
/// Whether a kept token that cannot be decrypted is an error. Otherwise the configured token is used, which a provider that rotates tokens
/// refuses, or takes for stolen.
/// </param>
internal sealed record KeptTokenUse(bool NeedsKey);
