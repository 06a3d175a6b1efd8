using System.Text;
using EmailIngestion.Messages;
using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <summary>Divides emails into steps for the append. Pure.</summary>
internal static class AppendSteps
{
    private const int MaxItems = 125;

    // Some versions of Redis (not 7.0.15) count the arguments of a transaction, 8 bytes for each of them, and what they have read behind it
    // against client-query-buffer-limit, which is 1 MiB at least. The rest of the 1 MiB is for the scripts' texts and for what is read.
    private const long MaxBytes = 900_000;

    // The names of the fields, the numbers, the reference to a body, and the pointers.
    private const int FieldBytes = 1_000;

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
            var size = BytesOf(item);
            if (mustBegin || steps[^1].Count == MaxItems || bytes + size > MaxBytes)
            {
                steps.Add([]);
                bytes = 0;
            }

            steps[^1].Add(item);
            bytes += size;
        }

        return steps;

        bool IsSeparate(AppendItem item) =>
            item.Body is not null
            || item.Message.Raw.Length >= EmailStream.LargeBytes
            || (item.Failure is null && item.Message.Raw.Length > largestShared);
    }

    private static long BytesOf(AppendItem item)
    {
        var email = item.Message;
        return FieldBytes + email.Raw.Length
            + BytesOf(email.Mailbox) + BytesOf(email.MessageId) + BytesOf(email.From) + BytesOf(email.Subject)
            + BytesOf(item.Failure?.ErrorMessage) + BytesOf(item.Failure?.StackTrace)
            + TagList.MaxBytes(email.Flags) + TagList.MaxBytes(email.Labels);
    }

    private static int BytesOf(string? text) => Encoding.UTF8.GetByteCount(text ?? "");
}
