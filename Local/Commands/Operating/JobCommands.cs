using System.CommandLine;
using EmailIngestion.Local.Commands.Operating.Answers;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary><c>jobs</c>, <c>jobs show</c> and <c>jobs cancel</c>.</summary>
internal static class JobCommands
{
    public static Command All(OperatingCommands commands)
    {
        var page = new PageOptions();
        var jobs = commands.Make(
            "jobs",
            "Lists the jobs, newest first.",
            (context, cancellationToken) => context.ShowAsync(
                "jobs", page.AddTo(new OperatingQuery(), context), OperatingJson.Default.JobsAnswer, JobView.Of, cancellationToken));
        page.AddTo(jobs);
        jobs.Subcommands.Add(Show(commands));
        jobs.Subcommands.Add(Cancel(commands));
        return jobs;
    }

    /// <summary>The path of a job.</summary>
    public static string Path(string id) => $"jobs/{Uri.EscapeDataString(id)}";

    private static Command Show(OperatingCommands commands)
    {
        var id = Id();
        var wait = new Option<bool>("--wait") { Description = "Shows the progress until the job ends; the exit code says how." };
        var show = commands.Make("show", "Shows a job.", async (context, cancellationToken) =>
        {
            var job = await context.Client.GetAsync(
                Path(context.Get(id)!), new OperatingQuery(), OperatingJson.Default.JobAnswer, cancellationToken);
            return context.Get(wait) ? await JobFollowing.WaitAsync(context, job, cancellationToken) : context.Show(job, JobView.Of);
        });
        show.Arguments.Add(id);
        show.Options.Add(wait);
        return show;
    }

    private static Command Cancel(OperatingCommands commands)
    {
        var id = Id();
        var cancel = commands.Make("cancel", "Cancels a job. What it has done stays.", async (context, cancellationToken) => context.Show(
            await context.Client.SendAsync(
                HttpMethod.Delete, Path(context.Get(id)!), new OperatingQuery(), null, OperatingJson.Default.JobAnswer, cancellationToken),
            JobView.Of));
        cancel.Arguments.Add(id);
        return cancel;
    }

    private static Argument<string> Id() => new("id") { Description = "The job's id." };
}
