using EmailIngestion.Local.Commands.Operating.Answers;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary>Shows jobs.</summary>
internal static class JobView
{
    public static IRenderable Of(JobsAnswer jobs)
    {
        if (jobs.Jobs.Count == 0)
            return new Text("There are no jobs.\n");
        var table = ShownTable.Of(
            ShownTable.Names("job"), ShownTable.Names("kind"), ShownTable.Names("state"), ShownTable.Numbers("done"),
            ShownTable.Names("created (UTC)"), ShownTable.Texts("who, reason"));
        foreach (var job in jobs.Jobs)
        {
            table.AddRow(
                ShownText.Cell(job.Id),
                ShownText.Cell(job.Kind),
                ShownText.Cell(job.State),
                new Text(ShownText.Number(job.Done) + (job.KnownTotal is { } total ? $"/{ShownText.Number(total)}" : "")),
                new Text(ShownText.Time(job.Created)),
                ShownText.Cell(job.Who, Reason(job)));
        }

        return new Rows([table, .. ShownMore.After(jobs.After)]);
    }

    public static IRenderable Of(JobAnswer job) => ShownTable.Fields(
    [
        ("Job", job.Id),
        ("Kind", job.Kind),
        ("Partition", job.Partition),
        ("Filter", job.Filter?.GetRawText()),
        ("State", job.State),
        ("Reason", job.Reason),
        ("Total", job.KnownTotal is { } total ? ShownText.Number(total) : null),
        ("Done", ShownText.Number(job.Done)),
        ("Skipped", ShownText.Number(job.Skipped)),
        ("Failed", ShownText.Number(job.Failed)),
        ("Who", job.Who),
        ("Process", job.Process),
        ("Follows", job.Follows),
        ("Created", Time(job.Created)),
        ("Started", Time(job.Started)),
        ("Ended", Time(job.Ended)),
    ]);

    /// <summary>The progress in a few words.</summary>
    public static string Progress(JobAnswer job)
    {
        var counts = $"{ShownText.Number(job.Done)}{(job.KnownTotal is { } total ? $" of {ShownText.Number(total)}" : "")}";
        return string.IsNullOrEmpty(Reason(job)) ? $"{job.Kind} {job.State}, {counts}" : $"{job.Kind} {job.State}, {counts}: {Reason(job)}";
    }

    /// <summary>How a job ended.</summary>
    public static string Sentence(JobAnswer job)
    {
        var counts = $"{ShownText.Number(job.Done)} done, {ShownText.Number(job.Skipped)} skipped, {ShownText.Number(job.Failed)} failed";
        return $"Job {job.Id} ({job.Kind}) is {job.State}: {counts}.{(string.IsNullOrEmpty(job.Reason) ? "" : $" {job.Reason}")}";
    }

    private static string? Reason(JobAnswer job) => string.IsNullOrEmpty(job.Follows) ? job.Reason : $"It follows job {job.Follows}.";

    private static string? Time(DateTimeOffset? time) => time is null ? null : $"{ShownText.Time(time)} UTC";
}
