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
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        await using var app = builder.Build();
        app.MapPost("/", static async (HttpRequest request) =>
        {
            await request.Body.CopyToAsync(Stream.Null);
            return Results.NoContent();
        });
        await app.StartAsync();
        Console.WriteLine(SideProgram.Ready);
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
        return new SideResult();
    }
}
