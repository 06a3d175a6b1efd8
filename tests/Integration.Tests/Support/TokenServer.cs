using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>
/// Issues tokens on 127.0.0.1, as Microsoft Entra ID does (over TLS) and as the identity endpoint of App Service and Azure Functions does.
/// </summary>
internal sealed class TokenServer : IAsyncDisposable
{
    public const string Tenant = "aaaaaaaa-0000-4000-8000-000000000001";
    public const string Client = "bbbbbbbb-0000-4000-8000-000000000002";
    public const string Secret = "identity-header";

    private readonly WebApplication _app;
    private readonly string _assertion = Path.GetTempFileName();
    private readonly string _authority;
    private int _count;

    private TokenServer(WebApplication app, string authority) => (_app, _authority) = (app, authority);

    /// <summary>The address of Entra ID.</summary>
    public Uri Authority => new(_app.Urls.Single(url => url.StartsWith("https:", StringComparison.Ordinal)));

    public ConcurrentQueue<TokenRequest> Requests { get; } = new();

    /// <summary>Answers a request.</summary>
    public Func<TokenRequest, TokenAnswer> Answer { get; set; } = request => TokenAnswer.Of(request.Resource, TimeSpan.FromHours(1));

    /// <summary>The variables by which a pod on Kubernetes gets its workload identity.</summary>
    public (string Name, string Value)[] WorkloadIdentity =>
    [
        ("AZURE_AUTHORITY_HOST", Authority.ToString()), ("AZURE_TENANT_ID", Tenant), ("AZURE_CLIENT_ID", Client),
        ("AZURE_FEDERATED_TOKEN_FILE", _assertion), .. Trust,
    ];

    /// <summary>The variables by which Azure Functions gives its app a managed identity.</summary>
    public (string Name, string Value)[] ManagedIdentity =>
    [
        ("IDENTITY_ENDPOINT", $"{_app.Urls.Single(url => url.StartsWith("http:", StringComparison.Ordinal))}/msi/token"),
        ("IDENTITY_HEADER", Secret), .. Trust,
    ];

    // A process with these variables trusts the test's authority only, and reaches nothing beyond this machine.
    private (string Name, string Value)[] Trust =>
    [
        ("SSL_CERT_FILE", _authority), ("SSL_CERT_DIR", Path.Combine(Path.GetTempPath(), "no-certificates")),
        ("HTTPS_PROXY", "http://127.0.0.1:9"), ("NO_PROXY", "127.0.0.1"),
    ];

    public static async Task<TokenServer> StartAsync(TestAuthority authority)
    {
        var (certificate, key) = authority.Server();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(System.Net.IPAddress.Loopback, 0);
            kestrel.Listen(
                System.Net.IPAddress.Loopback, 0, listen => listen.UseHttps(X509Certificate2.CreateFromPemFile(certificate, key)));
        });
        var app = builder.Build();
        var server = new TokenServer(app, authority.File);
        await File.WriteAllTextAsync(server._assertion, "assertion");
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        File.Delete(_assertion);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path.Value!.Contains("/.well-known/", StringComparison.Ordinal))
        {
            var tenant = $"{Authority}{Tenant}";
            await context.Response.WriteAsJsonAsync(new
            {
                token_endpoint = $"{tenant}/oauth2/v2.0/token",
                authorization_endpoint = $"{tenant}/oauth2/v2.0/authorize",
                issuer = $"{tenant}/v2.0",
            });
            return;
        }

        var request = await ReadAsync(context);
        Requests.Enqueue(request);
        var answer = Answer(request);
        context.Response.StatusCode = answer.Status;
        if (answer.RetryAfter is { } retryAfter)
            context.Response.Headers.RetryAfter = retryAfter;
        if (answer.Token is null)
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(answer.Body, context.RequestAborted);
            return;
        }

        var seconds = (long)answer.Lifetime.TotalSeconds;
        await context.Response.WriteAsJsonAsync(new
        {
            token_type = "Bearer",
            access_token = answer.Token,
            resource = request.Resource,
            expires_in = seconds,
            expires_on = (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + seconds).ToString("D", null),
        });
    }

    private async Task<TokenRequest> ReadAsync(HttpContext context)
    {
        var fields = context.Request.HasFormContentType
            ? (await context.Request.ReadFormAsync(context.RequestAborted)).ToDictionary(field => field.Key, field => $"{field.Value}")
            : context.Request.Query.ToDictionary(field => field.Key, field => $"{field.Value}");
        var resource = fields.GetValueOrDefault("resource")
            ?? fields.GetValueOrDefault("scope", "").Split(' ').First(scope => scope.EndsWith("/.default", StringComparison.Ordinal))
                .Replace("/.default", "", StringComparison.Ordinal);
        return new TokenRequest(
            Interlocked.Increment(ref _count), context.Request.Path, resource, fields, $"{context.Request.Headers["X-IDENTITY-HEADER"]}");
    }
}
