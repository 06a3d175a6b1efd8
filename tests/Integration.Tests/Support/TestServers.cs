using EmailIngestion.DevServers;
using EmailIngestion.Integration.Tests.Support;
using StackExchange.Redis;
using Testcontainers.Redis;
using Xunit;

[assembly: AssemblyFixture(typeof(TestServers))]
// Tests mostly wait, so more of them run than there are processors.
[assembly: Xunit.v3.Parallelization(MaxThreads = 6)]

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>
/// The real servers of a run: Redis from Testcontainers.Redis where a Docker engine answers and REDIS_SERVER names none, else a process of
/// its own;
/// Dovecot is a process.
/// Started once; each test has a partition and a mail user of its own. A missing server fails the run.
/// </summary>
public sealed class TestServers : IAsyncLifetime
{
    private RedisContainer? _container;
    private RedisProcess? _process;

    public string RedisConnectionString { get; private set; } = "";

    public IConnectionMultiplexer Redis { get; private set; } = null!;

    internal DovecotProcess Dovecot { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        RedisConnectionString = await StartContainerAsync() ?? await StartProcessAsync();
        Redis = await ConnectionMultiplexer.ConnectAsync($"{RedisConnectionString},protocol=resp2,allowAdmin=true");
        Dovecot = await DovecotProcess.StartAsync(new DovecotProcessOptions(), TimeProvider.System, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        // After a partial start, the started servers are stopped too.
        if (Redis is not null)
            await Redis.DisposeAsync();
        if (Dovecot is not null)
            await Dovecot.DisposeAsync();
        if (_process is not null)
            await _process.DisposeAsync();
        if (_container is not null)
            await _container.DisposeAsync();
    }

    private async Task<string?> StartContainerAsync()
    {
        // REDIS_SERVER names the Redis to test. Without a Docker engine there is nothing to wait for.
        if (Environment.GetEnvironmentVariable(RedisProcess.Variable) is { Length: > 0 })
            return null;
        if (Environment.GetEnvironmentVariable("DOCKER_HOST") is null && !File.Exists("/var/run/docker.sock"))
            return null;
        _container = new RedisBuilder(Environment.GetEnvironmentVariable("TEST_REDIS_IMAGE") ?? "redis:7.4").Build();
        await _container.StartAsync();
        return _container.GetConnectionString();
    }

    private async Task<string> StartProcessAsync()
    {
        _process = await RedisProcess.StartAsync(new RedisProcessOptions(), TimeProvider.System, CancellationToken.None);
        return _process.ConnectionString;
    }
}
