namespace EmailIngestion.Messages.Content.Replies;

/// <summary>What a line of a reply is.</summary>
internal enum ReplyLineKind : byte
{
    /// <summary>The sender's own words.</summary>
    Own,

    /// <summary>A line without text.</summary>
    Blank,

    /// <summary>A line of quoted history, marked by <c>&gt;</c>.</summary>
    Quote,

    /// <summary>A line that says who wrote the history after it.</summary>
    Attribution,

    /// <summary>A line of a signature.</summary>
    Signature,
}
