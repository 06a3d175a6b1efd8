namespace EmailIngestion.Messages;

/// <summary>
/// The limits of an email's complexity. An email beyond one is not parsed. The settings are in section <c>Processing</c>.
/// </summary>
internal sealed record MessageLimits
{
    /// <summary>The limits with the settings' defaults.</summary>
    public static MessageLimits Default { get; } = new();

    /// <summary>MIME parts in all multiparts and attached emails, counted by the lines that begin them.</summary>
    public int MaxParts { get; init; } = 5_000;

    /// <summary>Multiparts and attached emails around a part.</summary>
    public int MaxDepth { get; init; } = 50;

    /// <summary>Bytes of all headers of the email, its parts and its attached emails.</summary>
    public int MaxHeaderBytes { get; init; } = 1024 * 1024;

    /// <summary>Header fields of the email, its parts and its attached emails.</summary>
    public int MaxHeaders { get; init; } = 20_000;

    /// <summary>Parameters of one Content-Type or Content-Disposition. Each continuation (RFC 2231) counts.</summary>
    public int MaxParameters { get; init; } = 1_000;

    /// <summary>
    /// Comparisons of lines that begin with <c>--</c> with the boundaries of the multiparts around them. The parser makes them one by one;
    /// 50 million take it about a quarter of a second. An email of 50 MB with only such lines stays below the limit in up to three
    /// multiparts.
    /// </summary>
    public int MaxBoundaryChecks { get; init; } = 50_000_000;

    /// <summary>
    /// Whether an email certainly stays within the limits, as most small emails do. Each part needs a line that begins with <c>--</c>, each
    /// level of nesting such a line or the slash of a content type, each parameter a semicolon. After false, only a scan can tell.
    /// </summary>
    public bool CannotBeExceededBy(ReadOnlySpan<byte> raw)
    {
        if (raw.Length > MaxHeaderBytes)
            return false;
        var slashes = raw.Count((byte)'/');
        // Counting single bytes is faster, and enough for most emails.
        return (StayWithin(raw.Count((byte)'-') / 2, slashes) || StayWithin(raw.Count("\n--"u8), slashes))
            && (raw.Length < MaxHeaders || raw.Count((byte)'\n') < MaxHeaders)
            && raw.Count((byte)';') <= MaxParameters;
    }

    // A part counts twice if it is an attached email.
    private bool StayWithin(int dashes, int slashes) =>
        2 * (dashes + 1 + slashes) <= MaxParts && dashes + 1 + slashes <= MaxDepth && (dashes + 1L) * MaxDepth <= MaxBoundaryChecks;
}
