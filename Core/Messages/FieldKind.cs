namespace EmailIngestion.Messages;

/// <summary>What of a header field is bounded, and how it is cut.</summary>
internal enum FieldKind
{
    /// <summary>Anything not named below: 64 KiB of text.</summary>
    Other,

    /// <summary>Subject: 16 KiB of text.</summary>
    Subject,

    /// <summary>References: 16 KiB, cut between two ids.</summary>
    References,

    /// <summary>One value, such as Message-ID, Date or Content-ID: 4 KiB of text.</summary>
    Short,

    /// <summary>A list of addresses: 64 KiB, cut between two addresses; a longer name than 4 KiB is left out.</summary>
    Addresses,

    /// <summary>Content-Type and Content-Disposition: 32 KiB, and 4 KiB a parameter.</summary>
    Parameters,
}
