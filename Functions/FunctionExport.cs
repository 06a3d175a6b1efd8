using EmailIngestion.Operations.Bulk;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Dlq;
using Microsoft.AspNetCore.Http;

namespace EmailIngestion.Functions;

/// <summary>Answers a zip of dead letters, in parts while it reads them.</summary>
internal sealed class FunctionExport(StreamPartition partition, DeadLetterFilter filter, string? after, string who) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        FunctionSecurityHeaders.Apply(response);
        response.ContentType = "application/zip";
        response.Headers.ContentDisposition = "attachment; filename=dead-letters.zip";
        try
        {
            await DeadLetterExport.WriteAsync(partition, filter, after, who, response.Body, httpContext.RequestAborted);
        }
        catch (Exception e) when (DeadLetterExport.IsExpected(e, httpContext.RequestAborted))
        {
            // The answer has begun, so only a broken connection tells the client that the zip is incomplete.
            httpContext.Abort();
        }
    }
}
