using EmailIngestion.Streams;
using MimeKit;
using StackExchange.Redis;

namespace EmailIngestion.Bench.Sides;

/// <summary>
/// Runs the smallest possible consumer that does the same work: a loop of XREADGROUP of 500 entries, MimeKit's parser, two files or a
/// request for each email, and XACK of all of them.
/// </summary>
internal static class BareProcessSide
{
    public const string Name = "process-bare";

    private const int Batch = 500;
    private const int Concurrency = 50;
    private const int WarmUp = 5_000;

    public static async Task<SideResult> RunAsync(int port, int count, int bytes, BenchProcessor processor, int receiver)
    {
        var folder = Directory.CreateTempSubdirectory("bench-").FullName;
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{receiver}/") };
        try
        {
            await using var redis = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{port},protocol=resp2");
            Func<byte[], string, Task> work = processor == BenchProcessor.Archive
                ? (raw, id) => WriteAsync(raw, Path.Combine(folder, id))
                : (raw, _) => PostAsync(raw, client);
            await RunAsync(redis.GetDatabase(), port, new StreamKeys("warm"), WarmUp, bytes, work);
            return await RunAsync(redis.GetDatabase(), port, new StreamKeys("bench"), count, bytes, work);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
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

    private static async Task WriteAsync(byte[] raw, string path)
    {
        var text = await TextAsync(raw);
        await File.WriteAllBytesAsync(path + ".eml", raw);
        await File.WriteAllBytesAsync(path + ".json", text);
    }

    private static async Task PostAsync(byte[] raw, HttpClient client)
    {
        using var content = new ByteArrayContent(await TextAsync(raw));
        using var answer = await client.PostAsync(new Uri("", UriKind.Relative), content);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task<byte[]> TextAsync(byte[] raw)
    {
        using var stream = new MemoryStream(raw);
        var mime = await MimeMessage.LoadAsync(stream, persistent: true);
        return System.Text.Encoding.UTF8.GetBytes($"{mime.Subject}\n{mime.From}\n{mime.To}\n{mime.TextBody}\n{mime.HtmlBody}");
    }
}
