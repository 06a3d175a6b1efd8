using System.Text;

namespace EmailIngestion.Messages;

/// <summary>An exception as text to keep and show: types, messages and stack traces, the causes after it, cleaned and bounded.</summary>
internal static class ErrorTrace
{
    /// <summary>The most bytes (UTF-8) of a trace.</summary>
    public const int MaxBytes = 8 * 1024;

    private const int MaxErrors = 8;

    /// <summary>At most <see cref="MaxBytes"/>. Each exception has an equal share, so that the first does not hide its cause.</summary>
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

    /// <summary>The exception and its causes, those of an <see cref="AggregateException"/> too; the first eight.</summary>
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
