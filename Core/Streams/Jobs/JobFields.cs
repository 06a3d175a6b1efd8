using System.Globalization;
using StackExchange.Redis;

namespace EmailIngestion.Streams.Jobs;

/// <summary>The fields of a job's hash.</summary>
internal static class JobFields
{
    public const string State = "state";
    public const string Reason = "reason";
    public const string Done = "done";
    public const string Skipped = "skipped";
    public const string Failed = "failed";
    public const string Started = "started";
    public const string Ended = "ended";
    public const string Process = "process";
    public const string Position = "position";

    private const string InQueue = "The job has not begun. It waits for its turn, and for a process that runs jobs.";

    private static readonly RedisValue[] Names =
    [
        "kind", "filter", State, Reason, "total", Done, Skipped, Failed, "who", "created", Started, Ended, Process, Position, "until",
        "action",
    ];

    public static RedisValue[] Of(NewJob job, DateTimeOffset created) =>
    [
        "kind", job.Kind, "filter", job.Filter, State, JobState.Queued, Reason, InQueue, "total", job.Total, "who", job.Who,
        "created", created.ToUnixTimeMilliseconds(), "until", job.Until, "action", job.Action,
    ];

    /// <summary>Reads a job. Null when there is none.</summary>
    public static async Task<Job?> ReadAsync(IDatabaseAsync database, StreamKeys keys, string id)
    {
        var values = await database.HashGetAsync(keys.Job(id), Names);
        if (values[0].IsNull)
            return null;
        return new Job
        {
            Id = id,
            Partition = keys.Partition,
            Kind = Text(values[0]),
            Filter = values[1].IsNullOrEmpty ? "{}" : Text(values[1]),
            State = Text(values[2]),
            Reason = Text(values[3]),
            Total = Number(values[4]) ?? 0,
            Done = Number(values[5]) ?? 0,
            Skipped = Number(values[6]) ?? 0,
            Failed = Number(values[7]) ?? 0,
            Who = Text(values[8]),
            Created = Time(values[9]) ?? DateTimeOffset.UnixEpoch,
            Started = Time(values[10]),
            Ended = Time(values[11]),
            Process = Text(values[12]),
            Position = Text(values[13]),
            Until = Text(values[14]),
            AuditAction = Text(values[15]),
        };
    }

    private static string Text(RedisValue value) => value.IsNull ? "" : value.ToString();

    private static long? Number(RedisValue value) =>
        long.TryParse(Text(value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static DateTimeOffset? Time(RedisValue value) =>
        Number(value) is { } time and > 0 && time <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(time)
            : null;
}
