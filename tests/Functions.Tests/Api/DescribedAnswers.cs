using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;

namespace EmailIngestion.Functions.Tests.Api;

/// <summary>Passes requests of tests on, and fails where a request or its answer is not as the description has it.</summary>
internal sealed class DescribedAnswers(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const int MostFaults = 5;
    private const string Prefix = "/api/";
    private const string Json = "application/json";
    private const string ProblemJson = "application/problem+json";

    // Answers of the server, before a function is asked.
    private static readonly int[] OfTheServer = [400, 405, 413, 415];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken);
        var response = await base.SendAsync(request, cancellationToken);
        var path = request.RequestUri!.AbsolutePath;
        var operation = path.StartsWith(Prefix, StringComparison.Ordinal)
            ? ApiDescription.Current.Find(request.Method.Method, Uri.UnescapeDataString(path[Prefix.Length..]))
            : null;
        if (operation is null)
        {
            if (response.IsSuccessStatusCode && path.StartsWith(Prefix, StringComparison.Ordinal))
                throw Fault(request, response, "the path is not described");
            return response;
        }

        await CheckAnswerAsync(operation, request, response, cancellationToken);
        if (response.IsSuccessStatusCode)
            CheckRequest(operation, request, response, body);
        return response;
    }

    private static async Task CheckAnswerAsync(
        ApiOperation operation, HttpRequestMessage request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var media = response.Content.Headers.ContentType?.MediaType;
        if (operation.Answer((int)response.StatusCode) is not { } answer)
        {
            if (!OfTheServer.Contains((int)response.StatusCode))
                throw Fault(request, response, "the status is not described");
            return;
        }

        if (answer["content"] is not { } content)
        {
            if (response.Content.Headers.ContentLength is > 0)
                throw Fault(request, response, "there is a body, and none is described");
            return;
        }

        if (media is null || content[media] is not { } described)
            throw Fault(request, response, $"the type {media} is not described");
        foreach (var (header, _) in answer["headers"]?.AsObject() ?? [])
        {
            if (header is not "Retry-After"
                && !response.Headers.NonValidated.Contains(header) && !response.Content.Headers.NonValidated.Contains(header))
                throw Fault(request, response, $"the header {header} is missing");
        }

        if (media is Json or ProblemJson && described["schema"] is { } schema)
        {
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
            Check(request, response, schema, json);
        }
    }

    private static void CheckRequest(ApiOperation operation, HttpRequestMessage request, HttpResponseMessage response, string? body)
    {
        var known = operation.Parameters.Select(parameter => parameter["name"]!.GetValue<string>()).Append("code");
        foreach (var name in QueryHelpers.ParseQuery(request.RequestUri!.Query).Keys.Except(known, StringComparer.OrdinalIgnoreCase))
            throw Fault(request, response, $"the parameter {name} is not described");
        if (string.IsNullOrEmpty(body))
            return;
        if (operation.Body is not { } schema)
            return;
        using var json = JsonDocument.Parse(body);
        Check(request, response, schema, json);
    }

    private static void Check(HttpRequestMessage request, HttpResponseMessage response, JsonNode schema, JsonDocument json)
    {
        if (ApiDescription.Current.Faults(schema, json.RootElement) is { Count: > 0 } faults)
            throw Fault(request, response, string.Join("\n", faults.Take(MostFaults)));
    }

    private static InvalidOperationException Fault(HttpRequestMessage request, HttpResponseMessage response, string what) =>
        new($"{request.Method} {request.RequestUri} answered {(int)response.StatusCode}, unlike Functions/openapi.json: {what}");
}
