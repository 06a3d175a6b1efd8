using System.Collections.Concurrent;
using System.Diagnostics;
using EmailIngestion.Hosting;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Processing;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>Tests how an exception of the processor is reported in the log, on the span and in the dead letter.</summary>
public sealed class FailureTests(TestServers servers)
{
    private const string Message = "Order 4711 is unknown";

    [Fact]
    public async Task Each_failed_delivery_is_logged_once_with_its_stack_trace()
    {
        await using var partition = await servers.PartitionWithMailAsync(1);
        var lines = new LogLines();
        await StartAsync(partition, lines, _ => Fail(new InvalidOperationException(Message)), ("Consumer:MaxDeliveries", "3"));
        await partition.OnlyDeadLetterAsync();
        await Eventually.TrueAsync(() => lines.All.Any(line => line.Event == 302), "the dead letter is logged");

        var failures = lines.All.Where(line => line.Exception is not null).ToArray();
        Assert.Equal(
            [(324, LogLevel.Warning), (324, LogLevel.Warning), (302, LogLevel.Error)], failures.Select(line => (line.Event, line.Level)));
        Assert.All(failures, line => Assert.Contains(nameof(Fail), line.Exception!.ToString(), StringComparison.Ordinal));
        Assert.All(
            failures, line => Assert.Contains($"{nameof(InvalidOperationException)}: {Message}", line.Text, StringComparison.Ordinal));
        Assert.Equal(["1", "2"], failures.Take(2).Select(line => line.Text.Split(' ')[1]));
    }

    public static TheoryData<string, int, LogLevel> Ends => new()
    {
        { "permanent", 302, LogLevel.Error },
        { "postponed", 320, LogLevel.Warning },
        { "refuses all", 320, LogLevel.Warning },
        { "transient", 320, LogLevel.Warning },
        { "timeout", 320, LogLevel.Warning },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task The_exception_of_every_kind_of_failure_is_in_one_log_line(string kind, int eventId, LogLevel level)
    {
        await using var partition = await servers.PartitionWithMailAsync(1);
        var lines = new LogLines();
        var runs = 0;
        await StartAsync(
            partition,
            lines,
            cancel => Interlocked.Increment(ref runs) > 1 ? Task.CompletedTask : kind switch
            {
                "permanent" => Fail(new PermanentFailureException(Message)),
                "postponed" => Fail(new TransientFailureException(Message, TimeSpan.FromSeconds(6))),
                "refuses all" => Fail(new TransientFailureException(Message) { RefusesAll = true }),
                "transient" => Fail(new IOException(Message)),
                _ => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel),
            },
            ("Processing:Retries", "0"),
            ("Processing:AttemptTimeout", "00:00:00.500"));

        await Eventually.TrueAsync(() => lines.All.Any(line => line.Exception is not null), "the failure is logged");
        await partition.DrainedAsync();

        var line = Assert.Single(lines.All, line => line.Exception is not null);
        Assert.Equal((eventId, level), (line.Event, line.Level));
        if (kind != "timeout")
            Assert.Contains(nameof(Fail), line.Exception!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dead_letter_keeps_the_stack_trace_of_the_last_delivery()
    {
        await using var partition = await servers.PartitionWithMailAsync(1);
        var runs = 0;
        await StartAsync(
            partition,
            new LogLines(),
            _ => Interlocked.Increment(ref runs) == 1
                ? Fail(new InvalidOperationException("first"))
                : FailLast(new FormatException(Message)),
            ("Consumer:MaxDeliveries", "2"));

        var deadLetter = await partition.OnlyDeadLetterAsync();

        Assert.Equal(
            (DeadLetterReasons.MaxDeliveries, nameof(FormatException), Message),
            (deadLetter.Reason, deadLetter.ErrorType, deadLetter.ErrorMessage));
        Assert.StartsWith($"System.FormatException: {Message}\n   at ", deadLetter.StackTrace, StringComparison.Ordinal);
        Assert.Contains(nameof(FailLast), deadLetter.StackTrace, StringComparison.Ordinal);
        // The exception is stored nowhere else.
        Assert.Single(partition.AllKeys(), key => key.ToString().Contains("dlq:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dead_letter_after_a_crash_says_that_there_is_no_exception()
    {
        await using var partition = await servers.PartitionWithMailAsync(1);
        var entry = (await partition.Database.StreamReadGroupAsync(partition.Keys.Stream, StreamKeys.Group, "dead", ">"))[0].Id;
        await partition.Database.ExecuteAsync(
            "XCLAIM", partition.Keys.Stream, StreamKeys.Group, "dead", 0, entry, "IDLE", 60_000, "RETRYCOUNT", 5, "JUSTID");
        var lines = new LogLines();

        await StartAsync(partition, lines, _ => Task.CompletedTask);

        var deadLetter = await partition.OnlyDeadLetterAsync();
        Assert.Equal((DeadLetterReasons.Abandoned, null), (deadLetter.Reason, deadLetter.StackTrace));
        Assert.Contains("There is no exception", deadLetter.ErrorMessage, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => lines.All.Any(line => line.Event == 302), "the dead letter is logged");
        Assert.Equal(LogLevel.Error, Assert.Single(lines.All, line => line.Event == 302).Level);
    }

    // The message of an exception may contain text of an email.
    [Fact]
    public async Task Log_and_dead_letter_have_no_control_characters_of_an_exception()
    {
        await using var partition = await servers.PartitionWithMailAsync(1);
        var lines = new LogLines();
        await StartAsync(partition, lines, _ => Fail(new PermanentFailureException("From \u001b]0;title\u0007\u001b[2J\r\n09:00 forged")));

        var deadLetter = await partition.OnlyDeadLetterAsync();
        await Eventually.TrueAsync(() => lines.All.Any(line => line.Event == 302), "the dead letter is logged");

        var line = Assert.Single(lines.All, line => line.Event == 302);
        Assert.All([deadLetter.StackTrace!, deadLetter.ErrorMessage, line.Text, line.Exception!.ToString(), line.Exception.Message], text =>
            Assert.DoesNotContain(text, character => character != '\n' && char.IsControl(character)));
        Assert.All(
            [deadLetter.StackTrace!, line.Exception!.ToString()], text => Assert.DoesNotContain("\n09:00", text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_span_of_a_failed_delivery_has_the_exception()
    {
        await using var partition = await servers.PartitionWithMailAsync(1);
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == TelemetryNames.ActivitySource,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var runs = 0;
        await StartAsync(
            partition, new LogLines(), _ =>
                Interlocked.Increment(ref runs) == 1 ? Fail(new InvalidOperationException(Message)) : Task.CompletedTask);
        await partition.DrainedAsync();

        // Other tests create spans at the same time.
        var failed = Assert.Single(spans, span => span.Events.Any(one => one.Tags.Any(tag => tag.Value as string == Message)));
        var tags = Assert.Single(failed.Events).Tags.ToDictionary(tag => tag.Key, tag => (string)tag.Value!);
        Assert.Equal(
            ("process", ActivityStatusCode.Error, "exception"), (failed.OperationName, failed.Status, failed.Events.Single().Name));
        Assert.Equal(("System.InvalidOperationException", Message), (tags["exception.type"], tags["exception.message"]));
        Assert.Contains(nameof(Fail), tags["exception.stacktrace"], StringComparison.Ordinal);
    }

    private static Task<WebApplication> StartAsync(
        TestPartition partition, LogLines lines, Func<CancellationToken, Task> run, params (string Name, string Value)[] more)
    {
        var settings = partition.Settings();
        settings["Polling:Enabled"] = "false";
        settings["Processing:Processor"] = ScriptedProcessor.Name;
        settings["Consumer:Lease"] = "00:00:03";
        settings["Consumer:LeaseRenewal"] = "00:00:00.300";
        foreach (var (name, value) in more)
            settings[name] = value;
        return partition.StartHostAsync(settings, services => services
            .AddSingleton<ILoggerProvider>(lines)
            .AddSingleton(new ProcessorScript((_, cancel) => run(cancel)))
            .AddEmailProcessor<ScriptedProcessor>(ScriptedProcessor.Name));
    }

    private static async Task Fail(Exception error)
    {
        await Task.Yield();
        throw error;
    }

    private static async Task FailLast(Exception error)
    {
        await Task.Yield();
        throw error;
    }
}
