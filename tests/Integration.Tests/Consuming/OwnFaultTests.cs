using EmailIngestion.DevServers;
using EmailIngestion.Hosting;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>Tests that an outage of Redis is logged as an outage, and a fault of this program with its stack trace.</summary>
public sealed class OwnFaultTests(TestServers servers) : IDisposable
{
    // The events of Redis away, Redis back, Redis refused a command, and reading failed.
    private static readonly int[] OfRedis = [100, 101, 111, 308, 313];

    private readonly FaultyTime _time = new();
    private readonly LogLines _lines = new();

    public void Dispose() => _lines.Dispose();

    [Theory]
    [InlineData("DeliverySource", 325)]
    [InlineData("RenewLeasesAsync", 326)]
    public async Task A_bug_in_a_consumers_loop_is_logged_once_with_its_stack_trace(string caller, int eventId)
    {
        await using var partition = await servers.PartitionWithMailAsync(1);
        var script = new ProcessorScript(Consumers.Completes);
        await StartAsync(partition, partition.Settings(), script);
        await partition.DrainedAsync();

        _time.Caller = caller;
        await Eventually.TrueAsync(() => _lines.Of(eventId).Count > 0 && _time.Faults >= 3, "the loop has failed several times");
        _time.Caller = null;

        AssertOurs(Assert.Single(_lines.All, line => line.Event == eventId), nameof(FaultyTime));
        Assert.DoesNotContain(_lines.All, line => OfRedis.Contains(line.Event));
        var cursor = (await partition.Partition.Stream.Mailboxes.ReadCursorAsync(Mails.Mailbox, CancellationToken.None))!;
        await partition.Partition.Stream.AppendAsync(Mails.Mailbox, cursor, 1, Mails.Items(2, 5), Mails.Window, CancellationToken.None);
        await partition.DrainedAsync();
        Assert.Equal([1u, 2, 3, 4, 5], script.Runs);
    }

    [Fact]
    public async Task A_bug_while_a_consumer_joins_is_logged_with_its_stack_trace()
    {
        await using var partition = await servers.PartitionWithMailAsync(1);
        _time.Caller = "TakeNameAsync";
        var script = new ProcessorScript(Consumers.Completes);
        await StartAsync(partition, partition.Settings(), script);

        await Eventually.TrueAsync(() => _lines.Of(112).Count > 0, "the fault is logged");
        _time.Caller = null;
        await partition.DrainedAsync();

        AssertOurs(Assert.Single(_lines.All, line => line.Event == 112), "TakeNameAsync");
        Assert.DoesNotContain(_lines.All, line => OfRedis.Contains(line.Event));
    }

    [Fact]
    public async Task A_bug_in_the_stream_monitor_is_not_logged_as_an_outage()
    {
        await using var partition = await servers.PartitionWithMailAsync(1);
        _time.Caller = "StreamInspector";
        var settings = partition.Settings();
        settings["Consumer:Enabled"] = "false";
        await StartAsync(partition, settings, new ProcessorScript(Consumers.Completes));

        await Eventually.TrueAsync(() => _lines.Of(112).Count > 0, "the fault is logged");

        AssertOurs(_lines.All.First(line => line.Event == 112), "StreamInspector");
        Assert.DoesNotContain(_lines.All, line => OfRedis.Contains(line.Event));
    }

    [Fact]
    public async Task A_bug_in_a_poll_is_logged_with_its_stack_trace()
    {
        await using var partition = new TestPartition(servers);
        Func<MailboxOptions, IMailbox> connect = _ => throw new InvalidCastException(FaultyTime.Message);
        var host = await partition.StartPollerAsync(
            change: null, configure: services => services.AddSingleton<ILoggerProvider>(_lines).AddSingleton(connect));

        Assert.Equal(PollEnd.Failed, (await host.PollAsync()).End);

        AssertOurs(Assert.Single(_lines.All, line => line.Event == 245), nameof(OwnFaultTests));
        Assert.DoesNotContain(_lines.All, line => OfRedis.Contains(line.Event));
    }

    // A silent mail server causes a TimeoutException too.
    [Fact]
    public async Task A_timeout_that_is_not_of_redis_is_not_logged_as_an_outage()
    {
        await using var partition = new TestPartition(servers);
        Func<MailboxOptions, IMailbox> connect = _ => throw new TimeoutException("Not of Redis.");
        var host = await partition.StartPollerAsync(
            change: null, configure: services => services.AddSingleton<ILoggerProvider>(_lines).AddSingleton(connect));

        var poll = await host.PollAsync();

        Assert.Equal(PollEnd.Failed, poll.End);
        Assert.Contains("Not of Redis.", poll.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(_lines.All, line => OfRedis.Contains(line.Event));
    }

    [Fact]
    public async Task A_lease_renewal_that_fails_in_an_outage_is_logged_as_a_warning()
    {
        await using var partition = new TestPartition(servers);
        await using var redis = await OwnRedisServer.StartAsync(
            new RedisProcessOptions { AppendOnly = true, DataFolder = Path.Combine(partition.Folder, "redis") });
        await redis.Guard.EnsureGroupAsync(redis.Partition.Keys, CancellationToken.None);
        await Mails.AppendAsync(redis.Partition.Stream, 1);
        // The unnamed partition of that server.
        var settings = new LocalSettings();
        settings["Streams:ConnectionString"] = $"{redis.Options.Value.ConnectionString},syncTimeout=500,asyncTimeout=500";
        foreach (var (name, value) in partition.Settings().Values.Where(
            setting => !setting.Key.StartsWith("Streams:", StringComparison.Ordinal)))
            settings[name] = value;
        var script = new ProcessorScript((_, token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token));
        await StartAsync(partition, settings, script);
        await Eventually.TrueAsync(() => script.Runs.Length == 1, "it is in work");

        redis.Kill();
        await Eventually.TrueAsync(() => _lines.Of(313).Count > 0 && _lines.Of(308).Count > 0, "both are logged");

        Assert.All(
            _lines.All.Where(line => line.Event is 313 or 308),
            line => Assert.Equal((LogLevel.Warning, null), (line.Level, line.Exception)));
        Assert.Contains("1 deliveries are in work", _lines.Of(313)[0], StringComparison.Ordinal);
        Assert.Empty(_lines.At(LogLevel.Error));
    }

    private static void AssertOurs((int Event, LogLevel Level, string Text, Exception? Exception) line, string caller)
    {
        Assert.Equal(LogLevel.Error, line.Level);
        Assert.IsType<InvalidCastException>(line.Exception);
        Assert.Contains(caller, line.Exception.ToString(), StringComparison.Ordinal);
    }

    private Task<WebApplication> StartAsync(TestPartition partition, LocalSettings settings, ProcessorScript script)
    {
        settings["Polling:Enabled"] = "false";
        settings["Processing:Processor"] = ScriptedProcessor.Name;
        return partition.StartHostAsync(settings, services => services
            .AddSingleton<TimeProvider>(_time)
            .AddSingleton<ILoggerProvider>(_lines)
            .AddSingleton(script)
            .AddEmailProcessor<ScriptedProcessor>(ScriptedProcessor.Name));
    }
}
