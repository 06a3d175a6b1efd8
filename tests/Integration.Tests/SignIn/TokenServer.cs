using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Integration.Tests.SignIn;

/// <summary>A request for a token.</summary>
internal sealed record TokenCall(string Path, IReadOnlyDictionary<string, string> Form)
{
    public string Of(string name) => Form.GetValueOrDefault(name, "");
}

/// <summary>A scripted answer of the token endpoint.</summary>
internal sealed record TokenReply(int Status, string Body, string? RetryAfter = null)
{
    /// <summary>The address of a redirect. Null: none.</summary>
    public string? Location { get; init; }

    public static TokenReply Error(string code, string description = "", int status = 400) =>
        new(status, JsonSerializer.Serialize(new { error = code, error_description = description }));
}

/// <summary>
/// A token endpoint on this machine, with the introspection endpoint that Dovecot asks. It issues a token to the user of each client ID.
/// </summary>
internal sealed class TokenServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, string> _tokens = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Func<TokenCall, TokenReply?>> _scripts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _users = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<TokenCall> _calls = new();

    private TokenServer(WebApplication app) => _app = app;

    public string Address => _app.Urls.First();

    public Uri Introspection => new($"{Address}/introspect");

    /// <param name="certificate">The files of a certificate and its key; null: http.</param>
    public static async Task<TokenServer> StartAsync((string Certificate, string Key)? certificate = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback,
            0,
            listen =>
            {
                if (certificate is not { } files)
                    return;
                listen.UseHttps(new HttpsConnectionAdapterOptions
                {
                    ServerCertificate = X509Certificate2.CreateFromPemFile(files.Certificate, files.Key),
                });
            }));
        var app = builder.Build();
        var server = new TokenServer(app);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        return server;
    }

    /// <summary>The requests of one client, in order.</summary>
    public IReadOnlyList<TokenCall> Calls(string client) => [.. _calls.Where(call => ClientOf(call) == client)];

    /// <summary>Names the user whose tokens a client gets. Default: the client ID.</summary>
    public void Serve(string client, string user) => _users[client] = user;

    /// <summary>Scripts the answers for a client. Null: a token is issued.</summary>
    public void Script(string client, Func<TokenCall, TokenReply?> script) => _scripts[client] = script;

    public bool HasScript(string client) => _scripts.ContainsKey(client);

    /// <summary>Makes the mail server refuse all tokens of a user that were issued so far.</summary>
    public void Revoke(string user)
    {
        foreach (var (token, _) in _tokens.Where(one => one.Value == user).ToArray())
            _tokens.TryRemove(token, out _);
    }

    /// <summary>Issues a token that the mail server accepts.</summary>
    public string Issue(string user)
    {
        var token = $"at-{Guid.NewGuid():N}";
        _tokens[token] = user;
        return token;
    }

    public TokenReply Success(string user, double lifetime = 3600, string? refreshToken = null, string? token = null) => new(
        200,
        JsonSerializer.Serialize(new
        {
            token_type = "Bearer",
            expires_in = lifetime,
            access_token = token ?? Issue(user),
            refresh_token = refreshToken,
        }));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var call = new TokenCall(
            context.Request.Path, form.ToDictionary(field => field.Key, field => field.Value.ToString(), StringComparer.Ordinal));
        if (call.Path == "/introspect")
        {
            var isActive = _tokens.TryGetValue(call.Of("token"), out var owner);
            await context.Response.WriteAsync(JsonSerializer.Serialize(new { active = isActive, username = owner }));
            return;
        }

        _calls.Enqueue(call);
        var client = ClientOf(call);
        var reply = _scripts.GetValueOrDefault(client)?.Invoke(call) ?? Success(_users.GetValueOrDefault(client, client));
        if (reply.Status == 0)
        {
            // A silent endpoint.
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        context.Response.StatusCode = reply.Status;
        context.Response.ContentType = "application/json";
        if (reply.RetryAfter is not null)
            context.Response.Headers.RetryAfter = reply.RetryAfter;
        if (reply.Location is not null)
            context.Response.Headers.Location = reply.Location;
        await context.Response.WriteAsync(reply.Body, context.RequestAborted);
    }

    // A service account names its user in the assertion.
    private static string ClientOf(TokenCall call)
    {
        if (call.Of("client_id") is { Length: > 0 } client || call.Of("assertion").Split('.') is not [_, var claims, _])
            return call.Of("client_id");
        using var json = JsonDocument.Parse(Base64Url.DecodeFromChars(claims));
        return json.RootElement.GetProperty("sub").GetString()!;
    }
}
