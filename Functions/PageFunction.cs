using EmailIngestion.Functions.Page;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EmailIngestion.Functions;

/// <summary>
/// Serves the page that shows and controls the pipeline. The page itself has no data, so it needs no key: it asks for one, and sends it
/// with each of its requests to the other functions.
/// </summary>
public sealed class PageFunction
{
    private readonly PageDocument _page = PageDocument.Current;

    [Function("Ui")]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "ui")] HttpRequest request) => new PageResult(_page);
}
