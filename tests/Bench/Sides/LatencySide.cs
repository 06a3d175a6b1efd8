using System.Buffers.Binary;
using System.Collections.Concurrent;
using EmailIngestion.Hosting;
using EmailIngestion.Processing;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Bench.Sides;

/// <summary>
/// Runs a consumer with the product's defaults. Measures its CPU use while idle, and the time from an append to the start of processing.
/// </summary>
internal static class LatencySide
{
    public const string Name = "latency";
    public const string Partition = "latency";

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);

    // The runtime recompiles a method after 30 calls. Until the calls of once a second reach that, an idle process mostly compiles.
    private static readonly TimeSpan Compiling = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(20);

    public static async Task<SideResult> RunAsync(int port, int skip, bool measureIdle)
    {
        var time = TimeProvider.System;
        var began = new ConcurrentQueue<double>();
        await using var host = SideHost.Build(
            port,
            new Dictionary<string, string?>
            {
                ["Streams:Partitions:0"] = Partition,
                ["Consumer:Enabled"] = "true",
                ["Processing:Processor"] = Name,
            },
            services => services.AddSingleton(began).AddEmailProcessor<Processor>(Name, ServiceLifetime.Singleton));
        await new StreamGuard(
            host.Services.GetRequiredService<RedisConnection>(), host.Services.GetRequiredService<IOptions<StreamOptions>>())
            .EnsureGroupAsync(new StreamKeys(Partition), CancellationToken.None);
        await host.StartAsync();
        await Task.Delay(Settling, time);
        var idle = measureIdle ? await MeasureIdleAsync(time) : 0;

        Console.WriteLine(SideProgram.Ready);
        await Console.In.ReadToEndAsync();
        await host.StopAsync();
        return new SideResult { IdleCpu = idle, Milliseconds = [.. began.Skip(skip)] };
    }

    private static async Task<double> MeasureIdleAsync(TimeProvider time)
    {
        await Task.Delay(Compiling, time);
        var (started, cpu) = (time.GetTimestamp(), Stopper.Cpu());
        await Task.Delay(Idle, time);
        return (Stopper.Cpu() - cpu) / time.GetElapsedTime(started);
    }

    private sealed class Processor(ConcurrentQueue<double> began, TimeProvider time) : IEmailProcessor
    {
        public Task ProcessAsync(EmailDelivery delivery, CancellationToken cancellationToken)
        {
            // The sender reads the same monotonic clock of the machine.
            var sent = BinaryPrimitives.ReadInt64BigEndian(delivery.Email.Raw.Span[^sizeof(long)..]);
            began.Enqueue(time.GetElapsedTime(sent).TotalMilliseconds);
            return Task.CompletedTask;
        }
    }
}
