using System.Net;

namespace EmailIngestion.Core.Tests.Bodies;

/// <summary>A storage account that takes every request and answers the questions for the state of a copy one after the other.</summary>
internal sealed class BlobAccount(params string[] copyStates) : HttpMessageHandler
{
    private readonly Queue<string> _states = new(copyStates);

    /// <summary>The deleted blobs.</summary>
    public List<string> Deleted { get; } = [];

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (request.Method == HttpMethod.Delete)
            Deleted.Add(request.RequestUri!.AbsolutePath);
        var response = new HttpResponseMessage(request.Method == HttpMethod.Head ? HttpStatusCode.OK
            : request.Method == HttpMethod.Delete || request.Headers.Contains("x-ms-copy-source") ? HttpStatusCode.Accepted
            : HttpStatusCode.Created)
        {
            Content = new ByteArrayContent([]),
        };
        response.Headers.TryAddWithoutValidation("ETag", "\"1\"");
        response.Content.Headers.TryAddWithoutValidation("Last-Modified", "Fri, 27 Nov 2026 07:00:00 GMT");
        response.Headers.TryAddWithoutValidation("x-ms-copy-id", "1");
        response.Headers.TryAddWithoutValidation(
            "x-ms-copy-status", request.Method == HttpMethod.Head && _states.Count > 0 ? _states.Dequeue() : "pending");
        return Task.FromResult(response);
    }
}
