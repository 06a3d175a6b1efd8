using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Bench.Sides;

/// <summary>A webhook's receiver that reads each request and answers at once.</summary>
internal static class ReceiverSide
{
    public const string Name = "receiver";

    public static async Task<SideResult> RunAsync(int port)
    {
        var (bytes, requests) = (0L, 0L);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        await using var app = builder.Build();
        app.MapPost("/", async (HttpRequest request) =>
        {
            await request.Body.CopyToAsync(Stream.Null);
            Interlocked.Add(ref bytes, request.ContentLength ?? 0);
            Interlocked.Increment(ref requests);
            return Results.NoContent();
        });
        await app.StartAsync();
        Console.WriteLine(SideProgram.Ready);
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
        return new SideResult { BytesPerEmail = requests == 0 ? 0 : bytes / (double)requests };
    }
}
