using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using EmailIngestion.Configuration;
using EmailIngestion.DevServers;
using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Local.Hosting;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Functions.Tests.Hosting;

[UnsupportedOSPlatform("windows")]
public sealed class OwnRedisTests : IDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    private readonly string _data = Directory.CreateTempSubdirectory("own-").FullName;
    private readonly LocalSettings _settings = new();

    private string Folder => Path.Combine(_data, "redis");

    private string ConnectionString => _settings["Streams:ConnectionString"]!;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Theory]
    [InlineData("000")]
    [InlineData("022")]
    public async Task Only_its_user_has_access_to_its_files_whatever_the_umask_is(string mask)
    {
        RedisProcess redis;
        var before = SetMask((uint)UnixMode.Parse(mask));
        try
        {
            redis = (await StartAsync())!;
        }
        finally
        {
            _ = SetMask(before);
        }

        await using (redis)
        {
            await using var connection = await ConnectionMultiplexer.ConnectAsync(ConnectionString);
            await connection.GetDatabase().StringSetAsync("mail", "text");
            var found = Directory.EnumerateFileSystemEntries(Folder, "*", SearchOption.AllDirectories).ToArray();
            Assert.Contains(found, path => path.EndsWith(".aof", StringComparison.Ordinal));
            Assert.Contains(found, path => Path.GetFileName(path) == "password");
            Assert.All(found.Append(Folder), path => Assert.Equal(default, File.GetUnixFileMode(path) & UnixMode.Others));
        }
    }

    [Fact]
    public async Task It_wants_its_password_and_listens_on_no_port()
    {
        await using var redis = await StartAsync();
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{ConnectionString},allowAdmin=true");
        var server = connection.GetServers().Single();
        Assert.Equal(("0", "yes"), (await ConfigAsync(server, "port"), await ConfigAsync(server, "protected-mode")));
        Assert.True((await ConfigAsync(server, "requirepass")).Length >= 64);

        var refused = await Assert.ThrowsAnyAsync<RedisException>(async () =>
        {
            await using var stranger = await ConnectionMultiplexer.ConnectAsync(ConnectionString.Split(',')[0]);
            await stranger.GetDatabase().PingAsync();
        });
        Assert.Contains("auth", refused.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Its_password_is_on_no_command_line()
    {
        await using var redis = await StartAsync();
        var password = await File.ReadAllTextAsync(Path.Combine(Folder, "password"), Cancel);
        Assert.Contains(password, ConnectionString, StringComparison.Ordinal);
        if (!Directory.Exists("/proc"))
            return;
        var commandLine = await File.ReadAllTextAsync($"/proc/{redis!.ProcessId}/cmdline", Cancel);
        Assert.Contains("redis-server", commandLine, StringComparison.Ordinal);
        Assert.DoesNotContain(password, commandLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Further_processes_find_it_and_start_none()
    {
        await using var redis = await StartAsync();
        var (second, third) = (new LocalSettings(), new LocalSettings());
        Assert.Null(await new OwnRedis(_data, TimeProvider.System).StartAsync(second, Cancel));
        await new OwnRedis(_data, TimeProvider.System).FindAsync(third, Cancel);
        Assert.Equal(
            [ConnectionString, ConnectionString], new[] { second, third }.Select(settings => settings["Streams:ConnectionString"]));
    }

    [Fact]
    public async Task Of_two_that_start_it_at_the_same_time_one_does()
    {
        var settings = new[] { new LocalSettings(), new LocalSettings(), new LocalSettings() };
        var started = await Task.WhenAll(settings.Select(one => new OwnRedis(_data, TimeProvider.System).StartAsync(one, Cancel)));
        await using var redis = Assert.Single(started.OfType<RedisProcess>());
        Assert.Single(settings.Select(one => one["Streams:ConnectionString"]).Distinct());
    }

    // Another user may listen on a port that is free again, and would receive the mail.
    [Fact]
    public async Task Another_listener_on_a_noted_port_is_never_connected_to()
    {
        using var stranger = new TcpListener(IPAddress.Loopback, 0);
        stranger.Start();
        Directory.CreateDirectory(Folder);
        await File.WriteAllTextAsync(Path.Combine(Folder, "port"), $"{((IPEndPoint)stranger.LocalEndpoint).Port}", Cancel);
        await Assert.ThrowsAsync<SettingsException>(() => new OwnRedis(_data, TimeProvider.System).FindAsync(_settings, Cancel));
        await using var redis = await StartAsync();
        Assert.NotNull(redis);
        Assert.False(stranger.Pending());
    }

    [Fact]
    public async Task A_socket_that_others_could_have_put_there_is_not_trusted()
    {
        Directory.CreateDirectory(Folder);
        File.SetUnixFileMode(Folder, UnixMode.Parse("0777"));
        var path = Path.Combine(Folder, "redis.sock");
        await File.WriteAllTextAsync(Path.Combine(Folder, "password"), "known to others", Cancel);
        using var planted = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        planted.Bind(new UnixDomainSocketEndPoint(path));
        planted.Listen();
        await using var redis = await StartAsync();
        Assert.NotNull(redis);
        Assert.DoesNotContain("known to others", ConnectionString, StringComparison.Ordinal);
        Assert.Equal(UnixMode.OwnersFolder, File.GetUnixFileMode(Folder));
        Assert.False(planted.Poll(0, SelectMode.SelectRead));
    }

    [Fact]
    public async Task Data_and_password_last_over_a_restart()
    {
        await using (await StartAsync())
        {
            await using var connection = await ConnectionMultiplexer.ConnectAsync(ConnectionString);
            await connection.GetDatabase().StringSetAsync("mail", "kept");
        }

        await Assert.ThrowsAsync<SettingsException>(() => new OwnRedis(_data, TimeProvider.System).FindAsync(new LocalSettings(), Cancel));
        var before = ConnectionString;
        await using (await StartAsync())
        {
            await using var connection = await ConnectionMultiplexer.ConnectAsync(before);
            Assert.Equal("kept", await connection.GetDatabase().StringGetAsync("mail"));
        }
    }

    // The path of a socket is limited to about 100 bytes, and a connection string cannot contain a comma.
    [Theory]
    [InlineData("a folder whose name is longer than the path of a Unix domain socket may be on any system")]
    [InlineData("a, b = c")]
    [InlineData("it's \"quoted\" $(here)")]
    public async Task It_runs_wherever_its_folder_is(string name)
    {
        var data = Path.Combine(_data, name);
        await using var redis = await new OwnRedis(data, TimeProvider.System).StartAsync(_settings, Cancel);
        await using var connection = await ConnectionMultiplexer.ConnectAsync(ConnectionString);
        await connection.GetDatabase().StringSetAsync("mail", "text");
        var found = new LocalSettings();
        await new OwnRedis(data, TimeProvider.System).FindAsync(found, Cancel);
        Assert.Equal(ConnectionString, found["Streams:ConnectionString"]);
        var socket = ConnectionString.Split(',')[0][1..];
        Assert.Equal(UnixMode.OwnersFolder, File.GetUnixFileMode(Path.GetDirectoryName(socket)!));
        if (!socket.StartsWith(data, StringComparison.Ordinal))
            Directory.Delete(Path.GetDirectoryName(socket)!, recursive: true);
    }

    [Fact]
    public async Task The_pipeline_runs_on_it()
    {
        await using var redis = await StartAsync();
        await using var host = await TestHost.StartAsync(ConnectionString);
        var id = await host.MoveAsync(1, "Subject: x\r\n\r\n"u8.ToArray());
        using var replayed = await host.SendAsync(HttpMethod.Post, $"dlq/{id}/replay");
        Assert.Equal(HttpStatusCode.OK, replayed.StatusCode);
        using var ready = await host.SendAsync(HttpMethod.Get, "health/ready");
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Equal(1, (await host.GetJsonAsync("status")).GetProperty("partitions")[0].GetProperty("depth").GetInt32());
    }

    private Task<RedisProcess?> StartAsync() => new OwnRedis(_data, TimeProvider.System).StartAsync(_settings, Cancel);

    private static async Task<string> ConfigAsync(IServer server, string name) => (await server.ConfigGetAsync(name)).Single().Value;

    [DllImport("libc", EntryPoint = "umask")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint SetMask(uint mask);
}
