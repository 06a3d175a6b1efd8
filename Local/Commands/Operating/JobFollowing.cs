using System.CommandLine;
using EmailIngestion.Local.Commands.Operating.Answers;
using Spectre.Console;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary>Shows the progress of a job until it ends.</summary>
internal sealed class JobFollowing
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan OutageLimit = TimeSpan.FromMinutes(5);

    public Option<bool> NoWait { get; } = new("--no-wait")
    {
        Description = "Ends when the job is started, instead of when it has ended.",
    };

    /// <summary>Follows a job that was started, unless <c>--no-wait</c> is given. Returns the exit code.</summary>
    public async Task<int> FollowAsync(OperatingContext context, OperatingAnswer<JobAnswer> job, CancellationToken cancellationToken)
    {
        if (!context.Get(NoWait))
            return await WaitAsync(context, job, cancellationToken);
        return context.Show(job, started => new Text($"{ShownText.Clean($"Job {started.Id} runs: `jobs show {started.Id}`.")}\n"));
    }

    /// <summary>Follows a job to its end, and writes how it ended. Returns the exit code.</summary>
    public static async Task<int> WaitAsync(OperatingContext context, OperatingAnswer<JobAnswer> job, CancellationToken cancellationToken)
    {
        try
        {
            var ended = context.Console.Error.Profile.Capabilities.Interactive && context.Console.Error.Profile.Capabilities.Ansi
                ? await ShowBarAsync(context, job, cancellationToken)
                : await RepeatAsync(context, job, Lines(context), cancellationToken);
            context.Show(ended, end => new Text($"{ShownText.Clean(JobView.Sentence(end), ShownText.MaxMessage)}\n"));
            return Exit(ended.Value);
        }
        catch (OperationCanceledException)
        {
            context.Console.Say($"Job {job.Value.Id} goes on: `jobs show {job.Value.Id}` shows it, `jobs cancel {job.Value.Id}` ends it.");
            throw;
        }
    }

    /// <summary>The exit code for a job that has ended.</summary>
    public static int Exit(JobAnswer job) =>
        job is { State: "completed", Failed: 0 } ? OperatingExit.Done : OperatingExit.Unfinished;

    private static Task<OperatingAnswer<JobAnswer>> ShowBarAsync(
        OperatingContext context, OperatingAnswer<JobAnswer> job, CancellationToken cancellationToken) =>
        context.Console.Error.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async progress =>
            {
                var task = progress.AddTask("job");
                return await RepeatAsync(
                    context,
                    job,
                    (now, failure) =>
                    {
                        task.Description = Markup.Escape(ShownText.Clean(failure ?? JobView.Progress(now), 60));
                        task.IsIndeterminate = now.KnownTotal is null;
                        task.MaxValue = now.KnownTotal ?? 1;
                        task.Value = now.HasEnded && now.State == "completed" ? task.MaxValue : now.Done + now.Skipped + now.Failed;
                    },
                    cancellationToken);
            });

    // Without a terminal: a line when something else than the counts changes.
    private static Action<JobAnswer, string?> Lines(OperatingContext context)
    {
        var last = "";
        return (job, failure) =>
        {
            var key = failure ?? $"{job.State}: {job.Reason}";
            if (key != last && !job.HasEnded)
                context.Console.Say(failure ?? JobView.Progress(job));
            last = key;
        };
    }

    private static async Task<OperatingAnswer<JobAnswer>> RepeatAsync(
        OperatingContext context, OperatingAnswer<JobAnswer> job, Action<JobAnswer, string?> show, CancellationToken cancellationToken)
    {
        var time = context.Console.Time;
        var answered = time.GetTimestamp();
        show(job.Value, null);
        while (!job.Value.HasEnded)
        {
            await Task.Delay(Interval, time, cancellationToken);
            try
            {
                job = await context.Client.GetAsync(
                    JobCommands.Path(job.Value.Id), new OperatingQuery(), OperatingJson.Default.JobAnswer, cancellationToken);
                answered = time.GetTimestamp();
                show(job.Value, null);
            }
            catch (OperatingException e) when (e.IsPassing && time.GetElapsedTime(answered) < OutageLimit)
            {
                show(job.Value, $"{e.Message} Trying again.");
            }
        }

        return job;
    }
}
