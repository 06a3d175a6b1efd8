using System.Buffers;
using System.Text;

namespace EmailIngestion.Processing;

/// <summary>Reads the beginning of an answer's text, for the failure record. The answer counts without it.</summary>
internal static class WebhookText
{
    public const int MaxBytes = 4 * 1024;

    // The text is only for people, so it is not worth a long wait.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    /// <summary>Reads at most 4 KiB as UTF-8. Empty if the receiver sends no text, compressed text, or none within a second.</summary>
    public static async Task<string> ReadAsync(HttpContent content, TimeProvider time, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentEncoding.Count > 0)
            return "";
        using var longest = new CancellationTokenSource(Longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(longest.Token, cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(MaxBytes);
        var length = 0;
        try
        {
            await using var stream = await content.ReadAsStreamAsync(either.Token);
            var read = 0;
            do
            {
                read = await stream.ReadAsync(buffer.AsMemory(length, MaxBytes - length), either.Token);
                length += read;
            }
            while (read > 0 && length < MaxBytes);
        }
        catch (Exception e) when (e is IOException or HttpRequestException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // What has arrived is enough.
        }

        var text = Encoding.UTF8.GetString(buffer, 0, length);
        ArrayPool<byte>.Shared.Return(buffer);
        return text;
    }
}
