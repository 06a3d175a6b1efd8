using EmailIngestion.DevServers;
using Xunit;

namespace EmailIngestion.Page.Tests.Support;

/// <summary>
/// One Redis, one mail server and one receiver of webhooks for the run. Each test has a partition, a mailbox and a path of its own.
/// </summary>
public sealed class Servers : IAsyncLifetime
{
    internal RedisProcess Redis { get; private set; } = null!;

    internal DovecotProcess Mail { get; private set; } = null!;

    internal Receiver Receiver { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var redis = RedisProcess.StartAsync(new RedisProcessOptions(), TimeProvider.System, CancellationToken.None);
        var mail = DovecotProcess.StartAsync(new DovecotProcessOptions(), TimeProvider.System, CancellationToken.None);
        (Redis, Mail, Receiver) = (await redis, await mail, await Receiver.StartAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await Receiver.DisposeAsync();
        await Mail.DisposeAsync();
        await Redis.DisposeAsync();
    }
}
