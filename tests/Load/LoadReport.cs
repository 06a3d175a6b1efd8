using System.Globalization;

namespace EmailIngestion.Load;

/// <summary>The result of a run. The property names are the names in the JSON.</summary>
internal sealed record LoadReport
{
    public required int Emails { get; init; }

    public required int Workers { get; init; }

    public required int PayloadBytes { get; init; }

    /// <summary>Null means the product's default, as for the next property.</summary>
    public required int? BatchSize { get; init; }

    public required int? Concurrency { get; init; }

    public required int ProcessorDelayMs { get; init; }

    /// <summary>append or imap.</summary>
    public required string Source { get; init; }

    /// <summary>own or existing.</summary>
    public required string Redis { get; init; }

    /// <summary>The number of different emails that the processor received.</summary>
    public required int Processed { get; init; }

    /// <summary>How often the processor received an email again.</summary>
    public required int Duplicates { get; init; }

    public required int DeadLetters { get; init; }

    /// <summary>Emails that were neither processed nor dead-lettered.</summary>
    public required int Lost { get; init; }

    /// <summary>The rate into the stream; 0 when not all emails were appended.</summary>
    public required double ProducedPerSecond { get; init; }

    /// <summary>The rate from the start of the first email to the settle of the last.</summary>
    public required double ConsumedPerSecond { get; init; }

    public required double ConsumedPerSecondPerWorker { get; init; }

    /// <summary>
    /// The rate between one half and nine tenths of the emails. It leaves out the compilation at the start, and the end, when not all
    /// workers are busy.
    /// </summary>
    public required double SteadyPerSecond { get; init; }

    /// <summary>The time from the append (Redis's clock, in whole milliseconds) to the start of processing.</summary>
    public required Percentiles QueueWaitMs { get; init; }

    public required Percentiles ProcessingMs { get; init; }

    /// <summary>The time from before the append (append), or from the poller's start (imap), to the settled outcome.</summary>
    public required Percentiles EndToEndMs { get; init; }

    /// <summary>The most memory of each process; null without <c>--large</c>.</summary>
    public required LoadMemory? MemoryMb { get; init; }

    /// <summary>The load average of the last minute at the end; null where the machine reports none.</summary>
    public required double? LoadAverage { get; init; }

    public required DateTimeOffset At { get; init; }

    public bool IsGood => Lost == 0 && Processed + DeadLetters >= Emails;

    public static LoadReport Of(
        LoadOptions options, bool ownRedis, LoadSamples samples, TimeSpan? produceTook, int deadLetters, double beforeStart,
        LoadMemory? memory, TimeProvider time)
    {
        var distinct = samples.Uids.Distinct().Count();
        long[] begun = [.. samples.Begun.Order()];
        var consumeTook = begun.Length > 0 && samples.Last > begun[0] ? time.GetElapsedTime(begun[0], samples.Last) : TimeSpan.Zero;
        var (half, most) = (begun.Length / 2, begun.Length * 9 / 10);
        var rate = PerSecond(distinct, consumeTook);
        return new LoadReport
        {
            Emails = options.Emails,
            Workers = options.Workers,
            PayloadBytes = options.PayloadBytes,
            BatchSize = options.BatchSize,
            Concurrency = options.Concurrency,
            ProcessorDelayMs = options.ProcessorDelayMs,
            Source = options.Imap ? "imap" : "append",
            Redis = ownRedis ? "own" : "existing",
            Processed = distinct,
            Duplicates = samples.Uids.Count - distinct,
            DeadLetters = deadLetters,
            Lost = Math.Max(0, options.Emails - distinct - deadLetters),
            ProducedPerSecond = produceTook is { } took ? PerSecond(options.Emails, took) : 0,
            ConsumedPerSecond = rate,
            ConsumedPerSecondPerWorker = Math.Round(rate / options.Workers, 1),
            SteadyPerSecond = most > half ? PerSecond(most - half, time.GetElapsedTime(begun[half], begun[most])) : 0,
            QueueWaitMs = Percentiles.OfSeconds(samples.QueueWait),
            ProcessingMs = Percentiles.OfSeconds(samples.Processing),
            EndToEndMs = Percentiles.OfSeconds([.. samples.EndToEnd.Select(seconds => seconds - beforeStart)]),
            MemoryMb = memory,
            LoadAverage = ReadLoadAverage(),
            At = time.GetUtcNow(),
        };
    }

    /// <summary>Reads the load average of the last minute.</summary>
    public static double? ReadLoadAverage() => File.Exists("/proc/loadavg")
        ? double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture)
        : null;

    private static double PerSecond(int count, TimeSpan took) => took > TimeSpan.Zero ? Math.Round(count / took.TotalSeconds, 1) : 0;
}
