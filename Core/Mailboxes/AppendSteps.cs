using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <summary>Divides emails into steps for the append. Pure.</summary>
internal static class AppendSteps
{
    private const int MaxItems = 125;

    // Redis counts the commands of a transaction against client-query-buffer-limit, which is 1 MiB at least.
    private const long MaxBytes = EmailStream.LargeBytes;

    /// <summary>The steps, in order. A large email is a separate step, and so is one whose body the store has before its step.</summary>
    /// <param name="items">The emails.</param>
    /// <param name="largestShared">The largest message, in bytes, that may share a step with others.</param>
    public static List<List<AppendItem>> Of(IReadOnlyList<AppendItem> items, int largestShared)
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
            || (item.Failure is null && item.Message.Raw.Length > largestShared);
    }
}
