using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <summary>Divides emails into steps for the append. Pure.</summary>
internal static class AppendSteps
{
    private const int MaxItems = 125;
    private const long MaxBytes = 4 * 1024 * 1024;

    /// <summary>The steps, in order. A large email is a separate step, and so is one whose message is not in its entry.</summary>
    /// <param name="items">The emails.</param>
    /// <param name="inlineLimit">The largest message, in bytes, that is in its entry.</param>
    public static List<List<AppendItem>> Of(IReadOnlyList<AppendItem> items, int inlineLimit)
    {
        var steps = new List<List<AppendItem>>();
        long bytes = 0;
        foreach (var item in items)
        {
            var mustBegin = steps.Count == 0 || IsSeparate(steps[^1][^1]) || IsSeparate(item);
            if (mustBegin || steps[^1].Count == MaxItems || bytes + item.Message.Raw.Length > MaxBytes)
            {
                steps.Add([]);
                bytes = 0;
            }

            steps[^1].Add(item);
            bytes += item.Message.Raw.Length;
        }

        return steps;

        bool IsSeparate(AppendItem item) =>
            item.Body is not null
            || item.Message.Raw.Length >= EmailStream.LargeBytes
            || (item.Failure is null && item.Message.Raw.Length > inlineLimit);
    }
}
