using System.Net.Mime;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EmailIngestion.Functions;

/// <summary>Describes the HTTP functions by OpenAPI 3.1. Needs no key: the description is the same for every system.</summary>
public sealed class OpenApiFunction
{
    private const string Document = "openapi.json";

    // Read once: an instance is made for each request.
    private static readonly byte[] Shared = Read();

    private readonly byte[] _document = Shared;

    [Function("OpenApi")]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Document)] HttpRequest request) =>
        Results.Bytes(_document, MediaTypeNames.Application.Json).Secured();

    internal static byte[] Read()
    {
        using var stream = typeof(OpenApiFunction).Assembly.GetManifestResourceStream(Document)!;
        var document = new byte[stream.Length];
        stream.ReadExactly(document);
        return document;
    }
}
