using Microsoft.AspNetCore.Http;

namespace EmailIngestion.Functions;

/// <summary>Answers 202 with a job and its address.</summary>
internal sealed class FunctionJobAccepted(JobReport job) : IResult
{
    /// <summary>The refusal of one job too many.</summary>
    public static IResult TooMany() => FunctionResults.Problem(
        409, "Too many jobs", "As many jobs wait or run as there may be. Try again when some have ended, or cancel some.");

    public Task ExecuteAsync(HttpContext httpContext)
    {
        // Relative to the address of the request, which ends in two parts such as dlq/replay. So it is right behind a proxy too.
        httpContext.Response.Headers.Location = $"../jobs/{job.Id}{httpContext.Request.QueryString}";
        return FunctionResults.Json(job, FunctionJson.Default.JobReport, 202).ExecuteAsync(httpContext);
    }
}
