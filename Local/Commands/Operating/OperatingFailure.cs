using System.Net;
using System.Text.Json;
using EmailIngestion.Local.Commands.Operating.Answers;
using EmailIngestion.Local.Hosting;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary>Turns an answer that is an error into one line and an exit code.</summary>
internal static class OperatingFailure
{
    private const string NewerServer = "This server does not know the request: it may be older than this command, or --url may be wrong.";

    public static async Task<OperatingException> OfAsync(
        HttpResponseMessage response, OperatingTarget target, int maxBytes, CancellationToken cancellationToken)
    {
        var problem = await ReadProblemAsync(response, maxBytes, cancellationToken);
        var status = (int)response.StatusCode;
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => new(
                OperatingExit.NoAccess,
                target.Key is null
                    ? $"{target.Api} needs a key: set {OperatingTarget.KeyVariable}, or give --key-file, or --data of the local keys."
                    : $"{target.Api} does not know this key: check {OperatingTarget.KeyVariable}, --key-file or --data."),
            HttpStatusCode.Forbidden => new(
                OperatingExit.NoAccess, Line(problem) ?? $"{target.Api} refuses this key: use one with more rights."),
            HttpStatusCode.NotFound when problem is not null && problem.Detail != HttpAnswers.NoFunction => new(
                OperatingExit.NotFound, Line(problem)!),
            HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed => new(OperatingExit.Error, $"{target.Api}: {NewerServer}"),
            HttpStatusCode.BadRequest => new(OperatingExit.Usage, Line(problem) ?? "The server refuses the request as wrong."),
            HttpStatusCode.Conflict => new(OperatingExit.Refused, Line(problem) ?? "The server refuses this in its present state."),
            HttpStatusCode.TooManyRequests => new(
                OperatingExit.Unavailable, $"{Line(problem) ?? "The server has too many requests."} Try again{After(response)}."),
            >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => new(
                OperatingExit.Error,
                $"{target.Api} redirects to {ShownText.Clean($"{response.Headers.Location}")}: give the right address by --url."),
            HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => new(
                OperatingExit.Unavailable, Line(problem) ?? $"{target.Api} answered {status}: try again{After(response)}."),
            _ => new(
                OperatingExit.Error,
                Line(problem) ?? $"{target.Api} answered {status}: look at the server's log."),
        };
    }

    private static string? Line(ProblemAnswer? problem) => problem is null
        ? null
        : ShownText.Clean(
            string.Join(": ", new[] { problem.Title, problem.Detail }.Where(part => !string.IsNullOrEmpty(part))),
            ShownText.MaxMessage);

    private static string After(HttpResponseMessage response) =>
        response.Headers.RetryAfter?.Delta is { } wait ? $" in {wait.TotalSeconds:0} s" : " later";

    // A proxy, or a Functions host that refuses a key, answers without a problem.
    private static async Task<ProblemAnswer?> ReadProblemAsync(
        HttpResponseMessage response, int maxBytes, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json")
            return null;
        try
        {
            await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);
            var bytes = new byte[maxBytes];
            var read = await content.ReadAtLeastAsync(bytes, maxBytes, throwOnEndOfStream: false, cancellationToken);
            return JsonSerializer.Deserialize(bytes.AsSpan(0, read), OperatingJson.Default.ProblemAnswer);
        }
        catch (Exception e) when (e is JsonException or IOException or HttpRequestException)
        {
            return null;
        }
    }
}
