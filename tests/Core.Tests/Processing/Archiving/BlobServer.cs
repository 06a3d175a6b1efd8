using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace EmailIngestion.Core.Tests.Processing.Archiving;

/// <summary>A storage account that gives each request the same answer.</summary>
internal sealed class BlobServer : IAsyncDisposable
{
    public const string Signature = "s3cret";

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<string> _paths = new();

    private BlobServer(WebApplication app) => _app = app;

    /// <summary>The connection string, with a shared access signature.</summary>
    public string ConnectionString => $"BlobEndpoint={_app.Urls.Single()}/account;SharedAccessSignature=sv=2024-11-04&sig={Signature}";

    /// <summary>The paths of the requests.</summary>
    public IReadOnlyCollection<string> Paths => _paths;

    public static async Task<BlobServer> StartAsync(int status, string? errorCode = null, string? retryAfter = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new BlobServer(builder.Build());
        server._app.Run(async context =>
        {
            server._paths.Enqueue(context.Request.Path);
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            context.Response.StatusCode = status;
            context.Response.Headers.ETag = "\"1\"";
            context.Response.Headers.LastModified = "Thu, 29 Feb 2024 00:00:00 GMT";
            if (errorCode is not null)
                context.Response.Headers["x-ms-error-code"] = errorCode;
            if (retryAfter is not null)
                context.Response.Headers.RetryAfter = retryAfter;
        });
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
