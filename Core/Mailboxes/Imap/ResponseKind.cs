namespace EmailIngestion.Mailboxes.Imap;

/// <summary>How what follows a response's first words is read.</summary>
internal enum ResponseKind
{
    /// <summary>It is not known yet.</summary>
    Unknown,

    /// <summary>As tokens to its end.</summary>
    Tokens,

    /// <summary>A response code in brackets, or not, and then text.</summary>
    Text,

    /// <summary>Text to the end of the line.</summary>
    Raw,
}
