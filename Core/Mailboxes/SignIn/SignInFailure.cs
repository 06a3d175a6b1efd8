namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>The kinds of failure to get an access token.</summary>
internal enum SignInFailure
{
    /// <summary>The token endpoint cannot be reached or fails. A later request may succeed.</summary>
    Unavailable,

    /// <summary>The token endpoint refuses the settings. A repeat fails too until somebody acts, so the mailbox is parked.</summary>
    Refused,

    /// <summary>The answer is not one of a token endpoint. The address may be wrong.</summary>
    Unreadable,
}
