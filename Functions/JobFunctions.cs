using EmailIngestion.Operations.Jobs;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Jobs;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EmailIngestion.Functions;

/// <summary>Lists, shows and cancels jobs.</summary>
public sealed class JobFunctions(StreamPartitions partitions, JobQueue queue)
{
    /// <summary>Answers one page, newest first. Parameters: limit, after (the ID of a job).</summary>
    [Function("JobList")]
    public Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "jobs")] HttpRequest request,
        CancellationToken cancellationToken) =>
        FunctionRequests.AnswerAsync(request, ["limit", "after"], async () =>
        {
            if (FunctionRequests.Limit(request, out var refusal) is not { } limit)
                return refusal!;
            if (FunctionRequests.After(request, JobStore.IsId, "Bad id", "it must be the id of a job.", out var after) is { } badAfter)
                return badAfter;
            if (FunctionRequests.Partition(request, partitions, out refusal) is not { } partition)
                return refusal!;
            var (jobs, next) = await partition.Jobs.ListAsync(limit, after, cancellationToken);
            var followed = await queue.FollowedAsync(partition, jobs, cancellationToken);
            return FunctionResults.Json(
                new JobPage([.. jobs.Select(job => JobReport.Of(job, followed))], next), FunctionJson.Default.JobPage);
        });

    /// <summary>Answers one job.</summary>
    [Function("JobGet")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "jobs/{id}")] HttpRequest request,
        string id,
        CancellationToken cancellationToken) =>
        FunctionRequests.AnswerAsync(request, [], () => WithJobAsync(
            request,
            id,
            async (partition, job) => FunctionResults.Json(
                JobReport.Of(job, await queue.FollowedAsync(partition, [job], cancellationToken)), FunctionJson.Default.JobReport),
            cancellationToken));

    /// <summary>Cancels a job. What it has done stays done.</summary>
    [Function("JobCancel")]
    public Task<IResult> CancelAsync(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "jobs/{id}")] HttpRequest request,
        string id,
        CancellationToken cancellationToken) =>
        FunctionRequests.ChangeAsync(request, () => WithJobAsync(
            request,
            id,
            async (partition, job) =>
            {
                var cancelled = await partition.Jobs.CancelAsync(job, FunctionResults.Who(request), cancellationToken);
                var now = await partition.Jobs.FindAsync(id, cancellationToken) ?? job;
                return cancelled
                    ? FunctionResults.Json(
                        JobReport.Of(now, await queue.FollowedAsync(partition, [now], cancellationToken)),
                        FunctionJson.Default.JobReport,
                        202)
                    : FunctionResults.Problem(409, "Job has ended", $"Job {id} is {now.State}, so it cannot be cancelled.");
            },
            cancellationToken));

    private async Task<IResult> WithJobAsync(
        HttpRequest request, string id, Func<StreamPartition, Job, Task<IResult>> answer, CancellationToken cancellationToken)
    {
        if (FunctionRequests.Partition(request, partitions, out var refusal) is not { } partition)
            return refusal!;
        return JobStore.IsId(id) && await partition.Jobs.FindAsync(id, cancellationToken) is { } job
            ? await answer(partition, job)
            : FunctionResults.Problem(404, "No such job", $"There is no job '{FunctionResults.Cut(id)}', or no longer.");
    }
}
