namespace EmailIngestion.Mailboxes;

/// <summary>What a server has answered to one request for a body or for a part of it.</summary>
internal enum BodyVerdict
{
    /// <summary>No body.</summary>
    Nothing,

    /// <summary>The part that was requested, or less of it.</summary>
    Part,

    /// <summary>The whole body.</summary>
    Whole,

    /// <summary>Another part than the requested one. None of it was taken.</summary>
    Wrong,

    /// <summary>More than the largest accepted message. None of it was taken.</summary>
    TooLarge,
}
