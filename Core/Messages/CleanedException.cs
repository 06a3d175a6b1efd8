namespace EmailIngestion.Messages;

/// <summary>
/// Replaces an exception in the log when its text is unsafe: terminal escape sequences, forged lines or megabytes from an email. It has the
/// cleaned text.
/// </summary>
internal sealed class CleanedException : Exception
{
    private readonly string _text;

    private CleanedException(Exception error)
        : base(BoundedText.Line(error.Message))
    {
        _text = ErrorTrace.Of(error);
        StackTrace = error.StackTrace is { } trace ? BoundedText.Lines(trace, ErrorTrace.MaxBytes) : null;
    }

    public override string? StackTrace { get; }

    /// <summary>The exception itself if its text is safe, as in nearly all cases; a cleaned one otherwise.</summary>
    public static Exception Of(Exception error) =>
        ErrorTrace.Chain(error).All(one => BoundedText.IsLine(one.Message))
        && BoundedText.AreLines(error.ToString(), 2 * ErrorTrace.MaxBytes)
            ? error
            : new CleanedException(error);

    public override string ToString() => _text;
}
