namespace EmailIngestion.Mailboxes.Imap;

/// <summary>The ways to read a response after its first words.</summary>
internal enum ResponseKind
{
    /// <summary>Not known yet.</summary>
    Unknown,

    /// <summary>Tokens to the end of the response.</summary>
    Tokens,

    /// <summary>An optional response code in brackets, then text.</summary>
    Text,

    /// <summary>Text to the end of the line.</summary>
    Raw,
}
