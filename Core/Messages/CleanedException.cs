namespace EmailIngestion.Messages;

/// <summary>
/// Stands for an exception in the log whose text may come from an email: terminal escape sequences, forged lines or megabytes. Its own
/// text is the cleaned one.
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

    /// <summary>The exception itself where its text is fit to be shown, as nearly always.</summary>
    public static Exception Of(Exception error) =>
        ErrorTrace.Chain(error).All(one => BoundedText.IsLine(one.Message))
        && BoundedText.AreLines(error.ToString(), 2 * ErrorTrace.MaxBytes)
            ? error
            : new CleanedException(error);

    public override string ToString() => _text;
}
