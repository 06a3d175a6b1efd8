using System.Diagnostics;
using System.Runtime.CompilerServices;
using EmailIngestion.DevServers;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Messages;
using EmailIngestion.Processing;
using EmailIngestion.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace EmailIngestion.Hostile.Entries;

/// <summary>
/// Adds forged entries to the stream: each ends processed or as a dead letter, and the good entries beside it are processed.
/// </summary>
internal sealed class EntryPart : IPart
{
    private const int RandomOnes = 200;
    private const int QuickOnes = 20;

    private static readonly TimeSpan Within = TimeSpan.FromMinutes(2);

    public string Name => "entries";

    public async IAsyncEnumerable<ScenarioResult> RunAsync(
        HostileOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var server = await RedisProcess.StartAsync(new RedisProcessOptions(), TimeProvider.System, cancellationToken);
        await using var redis = await ConnectionMultiplexer.ConnectAsync($"{server.ConnectionString},protocol=resp2");
        var folder = Directory.CreateTempSubdirectory("hostile-").FullName;
        var processor = new CountingProcessor();
        await using var host = Build(server.ConnectionString, folder, processor);
        await host.StartAsync(cancellationToken);
        uint uid = 1_000;
        foreach (var entry in ForgedEntries.All(options.Seed, options.Quick ? QuickOnes : RandomOnes))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return await RunAsync(
                redis.GetDatabase(), host.Services.GetRequiredService<StreamPartitions>(), processor, entry, uid += 2, cancellationToken);
        }

        await host.StopAsync(cancellationToken);
        Directory.Delete(folder, recursive: true);
    }

    private async Task<ScenarioResult> RunAsync(
        IDatabase redis, StreamPartitions partitions, CountingProcessor processor, ForgedEntry entry, uint uid,
        CancellationToken cancellationToken)
    {
        var partition = partitions.Served[0];
        var keys = partition.Keys;
        var (deadLetters, done) = (await redis.StreamLengthAsync(keys.DeadLetters), processor.Count);
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var started = Stopwatch.GetTimestamp();
        // A good entry before the forged one and one after it.
        await redis.StreamAddAsync(keys.Stream, ForgedEntries.Good(uid));
        await redis.StreamAddAsync(keys.Stream, entry.Fields, entry.Id is { } id ? (RedisValue)id : (RedisValue?)null);
        await redis.StreamAddAsync(keys.Stream, ForgedEntries.Good(uid + 1));
        bool Good(uint one) => processor.Has(EmailId.Of("good@example.test", "INBOX", 7, one));
        async Task<bool> EndedAsync() =>
            Good(uid) && Good(uid + 1) && (await redis.StreamPendingAsync(keys.Stream, StreamKeys.Group)).PendingMessageCount == 0
            && (await redis.StreamGroupInfoAsync(keys.Stream)).Single().Lag is 0;
        while (!await EndedAsync() && Stopwatch.GetElapsedTime(started) < Within)
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, cancellationToken);

        var moved = await redis.StreamLengthAsync(keys.DeadLetters) - deadLetters;
        var ended = await EndedAsync();
        // The list of dead letters must show them too.
        await partition.DeadLetters.ListAsync(10, null, null, null, cancellationToken);
        await partition.Inspector.ReadSnapshotAsync(details: true, cancellationToken);
        return new ScenarioResult(
            Name,
            entry.What.Length > 60 ? entry.What[..60] : entry.What,
            entry.Fields.Sum(field => field.Name.Length() + field.Value.Length()),
            Process.GetCurrentProcess().TotalProcessorTime - cpu,
            0,
            moved == 1 ? "dead letter" : processor.Count - done == 3 ? "processed" : "known",
            ended ? "both processed" : "not done",
            ended ? null : $"not ended within {Within.TotalSeconds} s");
    }

    private static WebApplication Build(string connectionString, string folder, CountingProcessor processor)
    {
        var settings = new LocalSettings
        {
            ["Streams:ConnectionString"] = connectionString,
            ["Polling:Enabled"] = "false",
            ["Processing:Processor"] = CountingProcessor.Name,
            ["Consumer:BlockTimeout"] = "00:00:00.200",
            ["Logging:Console:LogLevel:Default"] = "None",
        };
        return LocalHost.Build(settings, new LocalHostOptions(folder, null), services => services
            .AddSingleton(new ProcessorRegistration(CountingProcessor.Name, ServiceLifetime.Singleton))
            .AddKeyedSingleton<IEmailProcessor>(CountingProcessor.Name, processor));
    }
}
