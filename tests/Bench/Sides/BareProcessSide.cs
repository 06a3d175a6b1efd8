using System.Net.Http.Headers;
using System.Text;
using EmailIngestion.Streams;
using MimeKit;
using StackExchange.Redis;

namespace EmailIngestion.Bench.Sides;

/// <summary>
/// Runs the smallest possible consumer that does the same work: a loop of XREADGROUP of 500 entries, MimeKit's parser, two files or a
/// request for each email, of as many bytes as the product's, and XACK of all of them.
/// </summary>
internal static class BareProcessSide
{
    public const string Name = "process-bare";

    private const int Batch = 500;
    private const int Concurrency = 50;
    private const string Timestamp = "1800000000";

    private static readonly MediaTypeHeaderValue Json = new("application/json", "utf-8");
    private static readonly string Signature = $"v1,{Convert.ToBase64String(new byte[32])}";

    public static async Task<SideResult> RunAsync(
        int port, int count, int bytes, BenchProcessor processor, int receiver, int writes, string folder)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{receiver}/") };
        await using var redis = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{port},protocol=resp2");
        Func<byte[], string, Task> work = processor == BenchProcessor.Archive
            ? (raw, id) => WriteAsync(raw, Path.Combine(folder, id), writes - raw.Length)
            : (raw, id) => PostAsync(raw, id, client, writes);
        await RunAsync(redis.GetDatabase(), port, new StreamKeys("warm"), ProcessSide.WarmUp, bytes, work);
        var result = await RunAsync(redis.GetDatabase(), port, new StreamKeys("bench"), count, bytes, work);
        return result with { BytesPerEmail = writes };
    }

    private static async Task<SideResult> RunAsync(
        IDatabase database, int port, StreamKeys keys, int count, int bytes, Func<byte[], string, Task> work)
    {
        await database.StreamCreateConsumerGroupAsync(keys.Stream, StreamKeys.Group, "0");
        Entries.Fill(port, keys, 1, count, bytes);
        var stopper = new Stopper(port);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Concurrency };
        for (var done = 0; done < count;)
        {
            var entries = await database.StreamReadGroupAsync(keys.Stream, StreamKeys.Group, "bare", ">", Batch);
            await Parallel.ForEachAsync(
                entries, parallel, async (entry, _) => await work((byte[])entry[EntryFields.Raw]!, entry.Id.ToString()));
            await database.StreamAcknowledgeAsync(keys.Stream, StreamKeys.Group, [.. entries.Select(entry => entry.Id)]);
            done += entries.Length;
        }

        return stopper.Result();
    }

    private static async Task WriteAsync(byte[] raw, string path, int summary)
    {
        var text = await TextAsync(raw, summary);
        await File.WriteAllBytesAsync(path + ".eml", raw);
        await File.WriteAllBytesAsync(path + ".json", text);
    }

    private static async Task PostAsync(byte[] raw, string id, HttpClient client, int bytes)
    {
        using var content = new ByteArrayContent(await TextAsync(raw, bytes));
        content.Headers.ContentType = Json;
        // The product's headers; nothing is signed.
        content.Headers.Add("Idempotency-Key", id);
        content.Headers.Add("webhook-id", id);
        content.Headers.Add("webhook-timestamp", Timestamp);
        content.Headers.Add("webhook-signature", Signature);
        using var answer = await client.PostAsync(new Uri("", UriKind.Relative), content);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task<byte[]> TextAsync(byte[] raw, int bytes)
    {
        using var stream = new MemoryStream(raw);
        var mime = await MimeMessage.LoadAsync(stream, persistent: true);
        var text = $"{mime.Subject}\n{mime.From}\n{mime.To}\n{mime.TextBody}\n{mime.HtmlBody}";
        var written = new byte[bytes];
        Encoding.UTF8.GetEncoder().Convert(text, written, flush: true, out _, out _, out _);
        return written;
    }
}
