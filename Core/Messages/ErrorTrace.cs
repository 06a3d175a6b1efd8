using System.Text;

namespace EmailIngestion.Messages;

/// <summary>Formats an exception and its causes as cleaned, bounded text: types, messages and stack traces.</summary>
internal static class ErrorTrace
{
    /// <summary>The largest size of a trace in bytes (UTF-8).</summary>
    public const int MaxBytes = 8 * 1024;

    private const int MaxErrors = 8;

    /// <summary>
    /// Formats an exception in at most <see cref="MaxBytes"/> bytes. Each exception gets an equal share, so that a long one does not cut
    /// off its cause.
    /// </summary>
    public static string Of(Exception error)
    {
        var errors = Chain(error);
        var text = new StringBuilder();
        foreach (var one in errors)
        {
            var title = $"{(one == error ? "" : "Caused by ")}{one.GetType().FullName}: {BoundedText.Line(one.Message)}";
            text.Append(BoundedText.Lines($"{title}\n{one.StackTrace}", (MaxBytes / errors.Count) - 1)).Append('\n');
        }

        return text.ToString(0, text.Length - 1);
    }

    /// <summary>The exception and its causes, also all of an <see cref="AggregateException"/>; at most eight.</summary>
    public static IReadOnlyList<Exception> Chain(Exception error)
    {
        List<Exception> errors = [error];
        for (var at = 0; at < errors.Count; at++)
        {
            IEnumerable<Exception> causes = errors[at] switch
            {
                AggregateException many => many.InnerExceptions,
                { InnerException: { } one } => [one],
                _ => [],
            };
            errors.AddRange(causes.Take(MaxErrors - errors.Count));
        }

        return errors;
    }
}
