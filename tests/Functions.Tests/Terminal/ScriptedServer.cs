using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Xunit;

namespace EmailIngestion.Functions.Tests.Terminal;

/// <summary>Answers requests as a test says, and keeps what was asked.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, ConcurrentQueue<ScriptedAnswer>> _answers = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<ScriptedRequest> _requests = new();

    private ScriptedServer(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    public IReadOnlyList<ScriptedRequest> Requests => [.. _requests];

    /// <param name="configure">Changes the listener, for TLS; null for plain HTTP.</param>
    public static async Task<ScriptedServer> StartAsync(Action<ListenOptions>? configure = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => configure?.Invoke(listen)));
        var app = builder.Build();
        var server = new ScriptedServer(app);
        app.Run(server.AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>
    /// Answers a request such as <c>GET /api/dlq?limit=1</c>. Several answers are given in turn; the last one is repeated.
    /// </summary>
    public ScriptedServer On(string request, params ScriptedAnswer[] answers)
    {
        _answers[request] = new(answers);
        return this;
    }

    public ScriptedServer On(string request, string json) => On(request, new ScriptedAnswer(200, json));

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(TestContext.Current.CancellationToken);
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var request = $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}";
        _requests.Enqueue(new ScriptedRequest(
            request, context.Request.Headers["x-functions-key"].ToString(), context.Request.ContentType ?? "", body));
        if (!_answers.TryGetValue(request, out var answers))
        {
            context.Response.StatusCode = 500;
            await context.Response.WriteAsync($"not scripted: {request}", context.RequestAborted);
            return;
        }

        if (!answers.TryPeek(out var answer) || (answers.Count > 1 && !answers.TryDequeue(out answer)))
            throw new InvalidOperationException($"There is no answer to {request}.");
        await Task.Delay(answer.Delay, TimeProvider.System, context.RequestAborted);
        if (answer.Status == ScriptedAnswer.Abort)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        if (answer.RetryAfter is { } seconds)
            context.Response.Headers.RetryAfter = seconds;
        if (answer.Location is { } location)
            context.Response.Headers.Location = location;
        await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
        if (answer.Truncated)
        {
            await context.Response.Body.FlushAsync(context.RequestAborted);
            context.Abort();
        }
    }
}
