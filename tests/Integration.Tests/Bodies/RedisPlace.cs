using EmailIngestion.Bodies;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Messages;
using EmailIngestion.Redis;

namespace EmailIngestion.Integration.Tests.Bodies;

/// <summary>Bodies beside the stream. The append writes them, so this place does.</summary>
internal sealed class RedisPlace(TestServers servers) : BodyPlace(servers)
{
    private RedisConnection? _away;

    public override BodiesOptions Options => new();

    public override IBodyStore Store => field ??= Stores(Options).Current;

    public override IBodyStore Away
    {
        get
        {
            _away ??= new RedisConnection(
                new RedisSettings { ConnectionString = $"127.0.0.1:{DevServers.Loopback.FreePort()},connectTimeout=200,abortConnect=true" },
                [Partition.Keys.Stream]);
            return new BodyStores(Options, Partition.Keys.Bodies, _away, TimeProvider.System).Current;
        }
    }

    public override async Task<BodyReference> WriteAsync(byte[] content, EmailId? id = null)
    {
        var body = await base.WriteAsync(content, id);
        await Partition.Database.StringSetAsync(Partition.Keys.Bodies.Body(body.Name), content);
        await Partition.Database.HashSetAsync(Partition.Keys.Bodies.Referers, body.Name, $"{body.Size} s:1-1");
        return body;
    }

    public override Task LoseAsync() => throw new NotSupportedException();

    public override Task TamperAsync(string name, byte[] content) =>
        Partition.Database.StringSetAsync(Partition.Keys.Bodies.Body(name), content);

    public override async ValueTask DisposeAsync()
    {
        if (_away is not null)
            await _away.DisposeAsync();
        await base.DisposeAsync();
    }
}
