namespace EmailIngestion.Mailboxes;

/// <summary>What is known of a server's answers to requests for a part of a body (<c>BODY.PEEK[]&lt;offset.length&gt;</c>).</summary>
internal enum PartialFetch
{
    /// <summary>Nothing. They are tried.</summary>
    Unknown,

    /// <summary>They were compared with a whole body once, since the server's size was larger than either.</summary>
    Right,

    /// <summary>They were wrong. Bodies are requested whole.</summary>
    Wrong,
}
