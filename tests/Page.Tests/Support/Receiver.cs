using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Page.Tests.Support;

/// <summary>Receives webhooks. It accepts all emails of a path, unless a test has it refuse them.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, string> _refusals = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _others = new();
    private readonly WebApplication _app;

    private Receiver(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    /// <summary>The requests that are not webhooks: a page that loads something from here leaves one.</summary>
    public IReadOnlyCollection<string> Others => _others;

    public static async Task<Receiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new Receiver(app);
        app.Run(receiver.AnswerAsync);
        await app.StartAsync();
        return receiver;
    }

    /// <summary>Refuses the emails of a path for good. Each becomes a dead letter with this reason.</summary>
    public void Refuse(string path, string reason) => _refusals[$"/{path}"] = reason;

    public void Accept(string path) => _refusals.TryRemove($"/{path}", out _);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        if (!HttpMethods.IsPost(context.Request.Method))
            _others.Enqueue($"{context.Request.Method} {path}");
        if (!_refusals.TryGetValue(path, out var reason))
            return;
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        await context.Response.WriteAsync(reason);
    }
}
