using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Page.Tests.Support;

/// <summary>Stands before a pipeline, and answers an export slowly: a part each second.</summary>
internal sealed class SlowExport : IAsyncDisposable
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1);

    private readonly WebApplication _app;
    private readonly HttpClient _client;
    private readonly Pipeline _pipeline;
    private readonly int _parts;

    private SlowExport(WebApplication app, Pipeline pipeline, int parts) =>
        (_app, _client, _pipeline, _parts) = (app, new HttpClient(), pipeline, parts);

    public Uri Url => new(_app.Urls.First());

    public static async Task<SlowExport> StartAsync(Pipeline pipeline, int parts)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new SlowExport(app, pipeline, parts);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _client.Dispose();
    }

    private Task AnswerAsync(HttpContext context) =>
        context.Request.Path.Value!.EndsWith("/dlq/export", StringComparison.Ordinal) ? ExportAsync(context) : ForwardAsync(context);

    private async Task ExportAsync(HttpContext context)
    {
        context.Response.ContentType = "application/zip";
        for (var part = 0; part < _parts; part++)
        {
            await context.Response.WriteAsync("part", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(Wait, TimeProvider.System, context.RequestAborted);
        }
    }

    private async Task ForwardAsync(HttpContext context)
    {
        using var request = new HttpRequestMessage(
            new HttpMethod(context.Request.Method), new Uri(_pipeline.Url, $"{context.Request.Path}{context.Request.QueryString}"));
        if (context.Request.Headers["x-functions-key"].ToString() is { Length: > 0 } key)
            request.Headers.Add("x-functions-key", key);
        using var answer = await _client.SendAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        foreach (var header in answer.Headers.Where(header => header.Key == "Content-Security-Policy"))
            context.Response.Headers[header.Key] = header.Value.ToArray();
        await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
