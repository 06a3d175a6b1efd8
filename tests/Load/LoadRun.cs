using System.Globalization;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Streams;

namespace EmailIngestion.Load;

/// <summary>One run: servers, consumers, emails, and the account at the end.</summary>
internal sealed class LoadRun(LoadOptions options, ILoadProgress progress)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan JoinsWithin = TimeSpan.FromMinutes(2);

    // A run without progress for this long, not counting the processor's delay, counts as stuck.
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time = TimeProvider.System;

    /// <exception cref="LoadException">The run cannot finish.</exception>
    public async Task<LoadReport> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("load-").FullName;
        try
        {
            await using var redis = await LoadRedis.OpenAsync(options.Redis, cancellationToken);
            await using var source = Source(redis, folder);
            await source.PrepareAsync(cancellationToken);
            await using var fleet = new LoadFleet(options.Workers, folder, WorkerSettings(redis, folder));
            await UntilJoinedAsync(redis.Partition, fleet, cancellationToken);

            var producing = source.ProduceAsync(cancellationToken);
            await UntilDoneAsync(redis, fleet, producing, cancellationToken);
            var memory = source.ProcessId is { } poller
                ? await LoadMemory.ReadAsync(poller, fleet.ProcessIds, redis.Connection, cancellationToken)
                : null;
            var samples = await fleet.StopAsync();
            var took = producing.IsCompletedSuccessfully ? await producing : (TimeSpan?)null;
            var snapshot = await redis.Partition.Inspector.ReadSnapshotAsync(details: false, cancellationToken);
            return LoadReport.Of(options, redis.IsOurs, samples, took, (int)snapshot.DeadLetters, source.BeforeStart, memory, _time);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private ILoadSource Source(LoadRedis redis, string folder)
    {
        if (options.Large)
            return new PollerSource(options, [.. CommonSettings(redis), .. LargeSettings(folder)], redis.Partition, folder);
        var settings = LocalSettings.Load(Path.Combine(folder, "no-settings-file"));
        foreach (var (name, value) in CommonSettings(redis))
            settings[name] = value;
        settings["Consumer:Enabled"] = "false";
        return options.Imap
            ? new MailboxSource(options, settings, redis.PartitionName, folder)
            : new AppendSource(options, settings, redis.PartitionName, folder);
    }

    private async Task UntilJoinedAsync(StreamPartition partition, LoadFleet fleet, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        while ((await partition.Inspector.ReadSnapshotAsync(details: true, cancellationToken)).Consumers.Count < options.Workers)
        {
            fleet.Check();
            if (_time.GetElapsedTime(started) > JoinsWithin)
                throw new LoadException($"Not all workers started within {JoinsWithin.TotalSeconds:0} s.");
            await Task.Delay(Interval, _time, cancellationToken);
        }
    }

    // All emails are done, or there is no progress.
    private async Task UntilDoneAsync(LoadRedis redis, LoadFleet fleet, Task producing, CancellationToken cancellationToken)
    {
        var timeout = AnswerTimeout + TimeSpan.FromMilliseconds(options.ProcessorDelayMs);
        var (moved, last) = (_time.GetTimestamp(), (-1L, -1L));
        while (true)
        {
            if (producing.IsFaulted || producing.IsCanceled)
                await producing;
            fleet.Check();
            var state = await redis.Partition.Inspector.ReadSnapshotAsync(details: false, cancellationToken);
            var appended = Math.Min(
                options.Emails,
                (long)((await redis.Partition.Stream.Mailboxes.ReadCursorAsync(LoadMail.Mailbox, cancellationToken))?.Last ?? 0));
            // Read before the cursor, so that emails appended in between count as outstanding.
            var through = Math.Max(0, appended - state.Depth);
            progress.Report(appended, through);
            if (producing.IsCompletedSuccessfully && state.Depth == 0)
                return;
            if ((appended, through) != last)
                (moved, last) = (_time.GetTimestamp(), (appended, through));
            else if (_time.GetElapsedTime(moved) > timeout)
                return;
            await Task.Delay(Interval, _time, cancellationToken);
        }
    }

    private Dictionary<string, string> WorkerSettings(LoadRedis redis, string folder)
    {
        var settings = new Dictionary<string, string>([.. CommonSettings(redis), .. options.Large ? LargeSettings(folder) : []])
        {
            ["Consumer:Enabled"] = "true",
            ["Processing:Processor"] = LoadProcessor.Name,
            ["Processing:AttemptTimeout"] = (TimeSpan.FromSeconds(30) + TimeSpan.FromMilliseconds(options.ProcessorDelayMs))
                .ToString("c", CultureInfo.InvariantCulture),
            [LoadWorker.DelaySetting] = Text(options.ProcessorDelayMs),
        };
        if (options.BatchSize is { } batch)
            settings["Consumer:BatchSize"] = Text(batch);
        if (options.Concurrency is { } concurrency)
            settings["Consumer:Concurrency"] = Text(concurrency);
        return settings;
    }

    private static IEnumerable<KeyValuePair<string, string>> CommonSettings(LoadRedis redis) =>
    [
        new("Streams:ConnectionString", redis.ConnectionString),
        new("Streams:Partitions:0", redis.PartitionName),
        // The stream limit is off, because the run measures how fast emails can be appended, not how fast the consumers drain.
        new("Streams:MaxStreamLength", "0"),
        new("Polling:Enabled", "false"),
        new("Logging:Console:LogLevel:Default", "Warning"),
        new("Logging:Console:LogToStandardErrorThreshold", "Trace"),
        // This warning says that the run's own Redis keeps nothing on disk.
        new("Logging:Console:LogLevel:EmailIngestion.Streams.StreamGuard", "Error"),
        // The short names of the former system would repeat it.
        new("REDIS_HOST", ""),
        new("REDIS_PORT", ""),
        new("REDIS_MAX_STREAM_LENGTH", ""),
    ];

    private static IEnumerable<KeyValuePair<string, string>> LargeSettings(string folder) =>
    [
        new("Bodies:Store", "Folder"),
        new("Bodies:Folder", Path.Combine(folder, "bodies")),
        // 150 MB, as Exchange.
        new("Polling:MaxMessageBytes", "157286400"),
        // .NET takes it from the size of the processor's cache. Hexadecimal: 4 MiB.
        new("DOTNET_GCgen0size", "400000"),
    ];

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
