namespace EmailIngestion.Messages;

/// <summary>The kinds of header fields: their bounds and how they are cut.</summary>
internal enum FieldKind
{
    /// <summary>Any other field: 64 KiB of text.</summary>
    Other,

    /// <summary>Subject: 16 KiB of text.</summary>
    Subject,

    /// <summary>References: 16 KiB, cut between two IDs.</summary>
    References,

    /// <summary>A single value, such as Message-ID, Date or Content-ID: 4 KiB of text.</summary>
    Short,

    /// <summary>A list of addresses: 64 KiB, cut between two addresses. A name longer than 4 KiB is removed.</summary>
    Addresses,

    /// <summary>Content-Type and Content-Disposition: 32 KiB, and 4 KiB for each parameter.</summary>
    Parameters,
}
