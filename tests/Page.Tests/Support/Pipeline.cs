using System.Globalization;
using System.Text;
using System.Text.Json;
using EmailIngestion.Local.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Page.Tests.Support;

/// <summary>Local with a mailbox, a partition and a webhook of its own, on the servers of the run.</summary>
internal sealed class Pipeline : IAsyncDisposable
{
    private const string Password = "page-test";
    private const string Folder = "INBOX";

    private readonly Servers _servers;
    private readonly WebApplication _app;
    private readonly string _folder;

    private Pipeline(Servers servers, WebApplication app, string folder, string name)
    {
        (_servers, _app, _folder, Name) = (servers, app, folder, name);
        Url = new Uri(app.Urls.First());
        Key = app.Services.GetRequiredService<FunctionKeys>().Function;
    }

    /// <summary>The name of the partition, and the path of the webhook.</summary>
    public string Name { get; }

    public Uri Url { get; }

    public string Key { get; }

    public string Mailbox => $"{User}/{Folder}";

    private string User => $"{Name}@example.org";

    public static async Task<Pipeline> StartAsync(Servers servers)
    {
        var name = $"p{Guid.NewGuid():N}";
        var folder = Directory.CreateTempSubdirectory("page-").FullName;
        servers.Mail.AddUser($"{name}@example.org", Password);
        var settings = new LocalSettings();
        foreach (var (setting, value) in Settings(servers, name))
            settings[setting] = value;
        var app = LocalHost.Build(settings, new LocalHostOptions(folder, 0) { PollAtStart = true });
        await app.StartAsync();
        var pipeline = new Pipeline(servers, app, folder, name);
        // The consumer creates the group; before that there is no status.
        await Eventually.TrueAsync(async () => await pipeline.ReadStatusAsync() is not null, "the process answers its status");
        return pipeline;
    }

    /// <summary>The settings of a process of this pipeline.</summary>
    public static IReadOnlyDictionary<string, string> Settings(Servers servers, string name) => new Dictionary<string, string>
    {
        ["Streams:ConnectionString"] = servers.Redis.ConnectionString,
        ["Streams:Partitions:0"] = name,
        ["Mailboxes:0:Partition"] = name,
        ["Mailboxes:0:Host"] = servers.Mail.Host,
        ["Mailboxes:0:Port"] = servers.Mail.TlsPort.ToString(CultureInfo.InvariantCulture),
        ["Mailboxes:0:CertificateAuthority"] = servers.Mail.CertificateAuthorityPath,
        ["Mailboxes:0:Username"] = $"{name}@example.org",
        ["Mailboxes:0:Password"] = Password,
        ["Mailboxes:0:Folder"] = Folder,
        ["Mailboxes:0:StartFrom"] = "all",
        ["Logging:LogLevel:Default"] = "None",
        ["POLL_SCHEDULE"] = "*/1 * * * * *",
        ["Processing:Processor"] = "webhook",
        ["Webhook:Url"] = $"{servers.Receiver.Url}/{name}",
        ["Webhook:Secret"] = "0123456789abcdef01234567",
    };

    /// <summary>Lets mail arrive in the mailbox.</summary>
    public Task ArriveAsync(params string[] messages) => _servers.Mail.AppendAsync(
        User, Password, Folder, messages.Select(message => (Encoding.UTF8.GetBytes(message), TimeProvider.System.GetUtcNow())));

    /// <summary>A plain email.</summary>
    public static string Email(int number) =>
        $"From: Bob Builder <bob@example.org>\r\nTo: invoices@example.org\r\nSubject: Invoice {number} for November\r\n"
        + $"Message-ID: <{Guid.NewGuid():N}@example.org>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nPlease pay {number}.\r\n";

    /// <summary>Lets emails arrive that the receiver refuses, and waits until they are dead letters.</summary>
    public async Task DeadLetterAsync(string reason, params string[] messages)
    {
        _servers.Receiver.Refuse(Name, reason);
        var before = await DeadLettersAsync();
        await ArriveAsync(messages);
        await Eventually.TrueAsync(async () => await DeadLettersAsync() == before + messages.Length, "the emails are dead letters");
    }

    public async Task<int> DeadLettersAsync() =>
        (await ReadStatusAsync())?.GetProperty("partitions")[0].GetProperty("dlqDepth").GetInt32() ?? -1;

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<JsonElement?> ReadStatusAsync()
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Add("x-functions-key", Key);
        using var answer = await client.GetAsync(new Uri(Url, "/api/status"));
        if (!answer.IsSuccessStatusCode)
            return null;
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return json.RootElement.Clone();
    }
}
