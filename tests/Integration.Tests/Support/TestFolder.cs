using EmailIngestion.Local.Hosting;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>A folder of one test on any mail server, with a logged-in client and the partition of its emails.</summary>
internal sealed class TestFolder : IAsyncDisposable
{
    private TestFolder(MailServer server, PlainImap imap, TestPartition partition, string name) =>
        (Server, Imap, Partition, Name) = (server, imap, partition, name);

    public MailServer Server { get; }

    public PlainImap Imap { get; }

    public TestPartition Partition { get; }

    /// <summary>The name on the server: with the prefix of its namespace and its hierarchy separator.</summary>
    public string Name { get; }

    /// <param name="servers">The servers of the run.</param>
    /// <param name="name">The name, with <c>/</c> between levels; <c>{0}</c> stands for a unique text.</param>
    public static async Task<TestFolder> CreateAsync(TestServers servers, string name = "{0}")
    {
        var partition = new TestPartition(servers);
        var server = MailServer.Of(servers, partition);
        var imap = await server.ConnectAsync();
        var (prefix, delimiter) = await imap.NamespaceAsync();
        var levels = name.Replace("{0}", partition.Name, StringComparison.Ordinal).Split('/');
        for (var depth = 1; depth <= levels.Length; depth++)
            await imap.CreateAsync(prefix + string.Join(delimiter, levels[..depth]));
        return new TestFolder(server, imap, partition, prefix + string.Join(delimiter, levels));
    }

    /// <summary>The settings of a process that polls this folder, and optionally consumes.</summary>
    public LocalSettings Settings(bool consumes = false, string startFrom = "all", Action<LocalSettings>? change = null)
    {
        var settings = Partition.Settings();
        settings["Consumer:Enabled"] = consumes ? "true" : "false";
        Server.AddTo(settings, Partition, Name, startFrom);
        change?.Invoke(settings);
        return settings;
    }

    public async ValueTask DisposeAsync()
    {
        Imap.Dispose();
        await Partition.DisposeAsync();
    }
}
