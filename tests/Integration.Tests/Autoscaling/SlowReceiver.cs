using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace EmailIngestion.Integration.Tests.Autoscaling;

/// <summary>A slow webhook receiver. It stores the requests by idempotency key.</summary>
internal sealed class SlowReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, int> _received = new();

    private SlowReceiver(TimeSpan delay)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(async context =>
        {
            await Task.Delay(delay, TimeProvider.System, context.RequestAborted);
            _received.AddOrUpdate(context.Request.Headers["Idempotency-Key"].ToString(), 1, (_, count) => count + 1);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        });
    }

    public string Url => _app.Urls.First();

    /// <summary>How many different emails were received.</summary>
    public int Emails => _received.Count;

    /// <summary>How many requests were received.</summary>
    public int Requests => _received.Values.Sum();

    public static async Task<SlowReceiver> StartAsync(TimeSpan delay)
    {
        var receiver = new SlowReceiver(delay);
        await receiver._app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
