namespace EmailIngestion.Messages;

/// <summary>What an email may hold before it counts as too complex to be parsed. The settings are in section <c>Processing</c>.</summary>
internal sealed record MessageLimits
{
    /// <summary>The defaults of the settings.</summary>
    public static MessageLimits Default { get; } = new();

    /// <summary>MIME parts: the lines that begin one, in all multiparts and attached emails.</summary>
    public int MaxParts { get; init; } = 5_000;

    /// <summary>How many multiparts and attached emails may lie around a part.</summary>
    public int MaxDepth { get; init; } = 50;

    /// <summary>Bytes of all headers: of the email, its parts and its attached emails.</summary>
    public int MaxHeaderBytes { get; init; } = 1024 * 1024;

    /// <summary>Header fields of the email, its parts and its attached emails.</summary>
    public int MaxHeaders { get; init; } = 20_000;

    /// <summary>Parameters of one Content-Type or Content-Disposition, each continuation (RFC 2231) counted.</summary>
    public int MaxParameters { get; init; } = 1_000;

    /// <summary>
    /// Comparisons of a line that begins with <c>--</c> with the boundary of each multipart around it. The parser makes them one by one; 50
    /// million take it about a quarter of a second. Mail of 50 MB that is nothing but such lines stays below it in up to three multiparts.
    /// </summary>
    public int MaxBoundaryChecks { get; init; } = 50_000_000;

    /// <summary>
    /// Whether an email cannot exceed them, as most small ones: each part takes a line that begins with <c>--</c>, each level of nesting such a
    /// line or the slash of a content type, each parameter a semicolon. False says nothing; then it has to be counted.
    /// </summary>
    public bool CannotBeExceededBy(ReadOnlySpan<byte> raw)
    {
        if (raw.Length > MaxHeaderBytes)
            return false;
        var dashes = raw.Count("\n--"u8) + 1;
        var levels = dashes + raw.Count((byte)'/');
        // A part that is an attached email counts twice.
        return 2 * levels <= MaxParts
            && levels <= MaxDepth
            && raw.Count((byte)'\n') < MaxHeaders
            && raw.Count((byte)';') <= MaxParameters
            && (long)dashes * MaxDepth <= MaxBoundaryChecks;
    }
}
