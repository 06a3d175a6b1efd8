using EmailIngestion.Bodies;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>The partition of one test, with its own keys, archive and mail user.</summary>
internal sealed class TestPartition : IAsyncDisposable
{
    private readonly TestServers _servers;
    private readonly RedisConnection _connection;
    private readonly List<WebApplication> _hosts = [];

    public TestPartition(TestServers servers, Action<StreamOptions>? configure = null, Action<BodiesOptions>? bodies = null)
    {
        _servers = servers;
        var options = new StreamOptions { ConnectionString = servers.RedisConnectionString };
        options.Partitions.Add(Name);
        configure?.Invoke(options);
        Options = Microsoft.Extensions.Options.Options.Create(options);
        _connection = StreamConnection.Create(Options);
        Folder = Directory.CreateTempSubdirectory("ingestion-").FullName;
        BodiesOptions = new BodiesOptions { Folder = Bodies };
        bodies?.Invoke(BodiesOptions);
        Partition = new StreamPartition(Name, _connection, Options, TimeProvider.System, BodiesOptions);
    }

    public string Name { get; } = $"t{Guid.NewGuid():N}";

    /// <summary>The mail user of this test. Its password is <see cref="Password"/> once it is added.</summary>
    public string User => $"{Name}@example.test";

    public static string Password => "secret";

    public string Folder { get; }

    public string Archive => Path.Combine(Folder, "archive");

    /// <summary>The folder of the store Folder.</summary>
    public string Bodies => Path.Combine(Folder, "bodies");

    public IOptions<StreamOptions> Options { get; }

    public BodiesOptions BodiesOptions { get; }

    public StreamPartition Partition { get; }

    public StreamKeys Keys => Partition.Keys;

    public RedisConnection Connection => _connection;

    public IDatabase Database => _servers.Redis.GetDatabase();

    public Task EnsureGroupAsync() => new StreamGuard(_connection, Options).EnsureGroupAsync(Keys, CancellationToken.None);

    /// <summary>The settings of a process that serves this partition, with short waits.</summary>
    public LocalSettings Settings() => new()
    {
        ["Streams:ConnectionString"] = _servers.RedisConnectionString,
        ["Streams:Partitions:0"] = Name,
        ["Archive:Folder"] = Archive,
        ["Archive:Durable"] = "false",
        ["Consumer:BlockTimeout"] = "00:00:00.200",
        ["Consumer:ReclaimInterval"] = "00:00:00.200",
        ["Consumer:Lease"] = "00:00:03",
        ["Consumer:LeaseRenewal"] = "00:00:01",
        ["Consumer:ShutdownGrace"] = "00:00:05",
        // A test asserts the state, not the log.
        ["Logging:Console:LogLevel:Default"] = "None",
        // Tests trigger polls by hand.
        ["POLL_SCHEDULE"] = "0 0 0 1 1 *",
        // A watch would poll too.
        ["Polling:MaxWatched"] = "0",
    };

    /// <summary>Adds a mailbox of this test's mail user on the real Dovecot to the settings.</summary>
    public void AddMailbox(LocalSettings settings, string folder = "INBOX", string startFrom = "all", int index = 0)
    {
        settings[$"Mailboxes:{index}:Host"] = "localhost";
        settings[$"Mailboxes:{index}:Port"] = _servers.Dovecot.TlsPort.ToString(System.Globalization.CultureInfo.InvariantCulture);
        settings[$"Mailboxes:{index}:CertificateAuthority"] = _servers.Dovecot.CertificateAuthorityPath;
        settings[$"Mailboxes:{index}:Username"] = User;
        settings[$"Mailboxes:{index}:Password"] = Password;
        settings[$"Mailboxes:{index}:Folder"] = folder;
        settings[$"Mailboxes:{index}:StartFrom"] = startFrom;
        settings[$"Mailboxes:{index}:Partition"] = Name;
    }

    /// <summary>Starts a host in this process. It is stopped with the partition at the latest.</summary>
    public async Task<WebApplication> StartHostAsync(LocalSettings settings, Action<IServiceCollection>? configure = null)
    {
        var host = LocalHost.Build(settings, new LocalHostOptions(Folder, null), configure);
        _hosts.Add(host);
        await host.StartAsync();
        return host;
    }

    /// <summary>Returns every key of this partition.</summary>
    public RedisKey[] AllKeys() =>
        [.. _servers.Redis.GetServers()[0].Keys(pattern: $"*{{{Name}}}").OrderBy(key => key.ToString(), StringComparer.Ordinal)];

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            try
            {
                await Eventually.EndsAsync(host.StopAsync(), "the host has stopped");
            }
            catch (ObjectDisposedException)
            {
                // The test has disposed the host without a stop, like a crash.
            }

            await Eventually.EndsAsync(host.DisposeAsync().AsTask(), "the host is disposed");
        }

        foreach (var key in AllKeys())
            await Database.KeyDeleteAsync(key);
        await _connection.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
