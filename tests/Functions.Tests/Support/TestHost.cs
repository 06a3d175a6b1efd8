using System.Net;
using System.Text;
using System.Text.Json;
using EmailIngestion.Functions.Tests.Api;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Messages;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace EmailIngestion.Functions.Tests.Support;

/// <summary>A running host with its own partition and folder, and a client.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _folder;

    private TestHost(WebApplication app, string folder, string partition)
    {
        _app = app;
        _folder = folder;
        Partition = app.Services.GetRequiredService<StreamPartitions>().Get(partition);
        Client = new HttpClient(new DescribedAnswers(new HttpClientHandler())) { BaseAddress = new Uri($"{app.Urls.First()}/api/") };
    }

    /// <summary>A client that sends no key by default.</summary>
    public HttpClient Client { get; }

    public StreamPartition Partition { get; }

    public StreamKeys Keys => Partition.Keys;

    public IServiceProvider Services => _app.Services;

    public string KeyFile => Path.Combine(_folder, "keys.json");

    public string Archive => Path.Combine(_folder, "archive");

    /// <param name="connectionString">The Redis to use.</param>
    /// <param name="change">More settings.</param>
    /// <param name="configure">More services.</param>
    /// <param name="withGroup">Whether the consumer group exists already.</param>
    public static async Task<TestHost> StartAsync(
        string connectionString, Action<LocalSettings>? change = null, Action<IServiceCollection>? configure = null, bool withGroup = true)
    {
        var partition = $"t{Guid.NewGuid():N}";
        var folder = Directory.CreateTempSubdirectory("functions-").FullName;
        var settings = new LocalSettings
        {
            ["Streams:ConnectionString"] = connectionString,
            ["Streams:Partitions:0"] = partition,
            ["Consumer:Enabled"] = "false",
            ["Archive:Folder"] = Path.Combine(folder, "archive"),
            ["Archive:Durable"] = "false",
            ["POLL_SCHEDULE"] = "0 0 0 1 1 *",
            ["Polling:MaxWatched"] = "0",
        };
        change?.Invoke(settings);
        var app = LocalHost.Build(settings, new LocalHostOptions(folder, 0), configure);
        if (withGroup)
            await app.Services.GetRequiredService<StreamGuard>().EnsureGroupAsync(new StreamKeys(partition), CancellationToken.None);
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            Directory.Delete(folder, recursive: true);
            throw;
        }

        return new TestHost(app, folder, partition);
    }

    public Dictionary<string, string> ReadKeys() => JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(KeyFile))!;

    /// <summary>Makes the keys, as the first start of Local does.</summary>
    public void MakeKeys() => Services.GetRequiredService<FunctionKeys>();

    /// <summary>Sends a request with the function key. The first request that needs the key makes it.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? json = null)
    {
        if (!File.Exists(KeyFile))
            (await Client.GetAsync("status")).Dispose();
        using var request = new HttpRequestMessage(method, path) { Headers = { { "x-functions-key", ReadKeys()["default"] } } };
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        return await Client.SendAsync(request);
    }

    public async Task<JsonElement> GetJsonAsync(string path)
    {
        using var response = await SendAsync(HttpMethod.Get, path);
        response.EnsureSuccessStatusCode();
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return json.RootElement.Clone();
    }

    /// <summary>Sends a JSON body, and reads the answer.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Json)> PostAsync(string path, string json)
    {
        using var response = await SendAsync(HttpMethod.Post, path, json);
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return (response.StatusCode, answer.RootElement.Clone());
    }

    /// <summary>Previews an action on dead letters and starts its job. Returns the job's ID.</summary>
    public async Task<string> StartAsync(string action, string filter = "{}")
    {
        var (_, preview) = await PostAsync($"dlq/{action}", $$"""{"filter":{{filter}},"dryRun":true}""");
        var token = preview.GetProperty("token").GetString();
        var (status, job) = await PostAsync($"dlq/{action}", $$"""{"filter":{{filter}},"token":"{{token}}"}""");
        return status == HttpStatusCode.Accepted
            ? job.GetProperty("id").GetString()!
            : throw new InvalidOperationException($"{status}: {job}");
    }

    /// <summary>Waits until a job is in a state, and returns it.</summary>
    public async Task<JsonElement> JobAsync(string id, string state)
    {
        var job = default(JsonElement);
        await Eventually.TrueAsync(
            async () =>
            {
                job = await GetJsonAsync($"jobs/{id}");
                return job.GetProperty("state").GetString() == state;
            },
            () => $"the job is {state}: {job}");
        return job;
    }

    /// <summary>Appends an email to the stream, or, with a failure, to the dead-letter queue.</summary>
    public async Task AppendAsync(uint uid, byte[] raw, FailureRecord? failure = null, string mailbox = "ann@example.org/INBOX")
    {
        var message = new EmailMessage
        {
            Id = EmailId.Of(mailbox, "", 7, uid),
            Mailbox = mailbox,
            UidValidity = 7,
            Uid = uid,
            MessageId = $"{uid}@example.org",
            From = "Bob <bob@example.org>",
            Subject = $"Email {uid}",
            Date = new DateTimeOffset(2024, 1, 2, 3, 4, 5, TimeSpan.Zero),
            Size = raw.Length,
            Raw = raw,
        };
        var stream = Partition.Stream;
        if (await stream.Mailboxes.ReadCursorAsync(mailbox, CancellationToken.None) is null)
            await stream.Mailboxes.StartEpochAsync(mailbox, null, 7, 0, CancellationToken.None);
        var cursor = (await stream.Mailboxes.ReadCursorAsync(mailbox, CancellationToken.None))!;
        // As the poller: the message of a large email is not in its entry.
        List<AppendItem> step = [new AppendItem(message, [], failure)];
        if (await stream.Bodies.TryWriteAsync(step, CancellationToken.None) is { } away)
            throw new InvalidOperationException(away);
        await stream.AppendAsync(mailbox, cursor, cursor.Last, step, TimeSpan.Zero, CancellationToken.None);
    }

    /// <summary>Appends an email and dead-letters it as a consumer does. Returns the entry ID of the dead letter.</summary>
    public async Task<string> MoveAsync(uint uid, byte[] raw, FailureRecord? failure = null, string mailbox = "ann@example.org/INBOX")
    {
        await AppendAsync(uid, raw, null, mailbox);
        await using var group = Partition.Join("tester", TimeSpan.FromMinutes(1));
        var delivery = (await group.Reader.ReadAsync(1, TimeSpan.FromSeconds(5), CancellationToken.None)).Single();
        await Partition.DeadLetters.MoveAsync(
            delivery, "tester", failure ?? FailureRecord.Of("permanent", "Refused", "Row 1 is wrong"), CancellationToken.None);
        return (await (await RedisAsync()).StreamRangeAsync(Keys.DeadLetters, "-", "+", 1, Order.Descending))[0].Id.ToString();
    }

    public async Task<IDatabase> RedisAsync() => await Services.GetRequiredService<RedisConnection>().DatabaseAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
