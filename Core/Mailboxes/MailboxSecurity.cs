namespace EmailIngestion.Mailboxes;

/// <summary>The protection of a connection to a mail server.</summary>
public enum MailboxSecurity
{
    /// <summary>TLS from the first byte (port 993).</summary>
    Tls,

    /// <summary>TLS by STARTTLS (port 143). Without STARTTLS on the server the poll fails.</summary>
    StartTls,

    /// <summary>No protection, for a server on this machine.</summary>
    None,
}
