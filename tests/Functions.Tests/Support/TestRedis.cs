using EmailIngestion.DevServers;
using EmailIngestion.Functions.Tests.Support;
using StackExchange.Redis;
using Xunit;

[assembly: AssemblyFixture(typeof(TestRedis))]

namespace EmailIngestion.Functions.Tests.Support;

/// <summary>One Redis for the run; each test has its own partition.</summary>
public sealed class TestRedis : IAsyncLifetime
{
    private RedisProcess _process = null!;

    public string ConnectionString => _process.ConnectionString;

    public IConnectionMultiplexer Connection { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _process = await RedisProcess.StartAsync(new RedisProcessOptions(), TimeProvider.System, CancellationToken.None);
        Connection = await ConnectionMultiplexer.ConnectAsync(ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        await _process.DisposeAsync();
    }
}
