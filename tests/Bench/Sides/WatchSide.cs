using System.Collections.Concurrent;
using EmailIngestion.Hosting;
using EmailIngestion.Load;
using EmailIngestion.Processing;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Bench.Sides;

/// <summary>
/// Watches a mailbox and processes what arrives, in one process. Notes when each email's processing starts, on the machine's monotonic
/// clock.
/// </summary>
internal static class WatchSide
{
    public const string Name = "watch";

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);

    public static async Task<SideResult> RunAsync(int port, int imapPort)
    {
        var time = TimeProvider.System;
        var began = new ConcurrentQueue<double>();
        await using var host = SideHost.Build(
            port,
            new Dictionary<string, string?>
            {
                ["Streams:Partitions:0"] = Name,
                ["Polling:Enabled"] = "true",
                // Each round has an empty Redis: a hint would call that a loss.
                ["Polling:HintFolder"] = "",
                // Only the watch polls.
                ["POLL_SCHEDULE"] = "0 0 0 1 1 *",
                ["Consumer:Enabled"] = "true",
                ["Processing:Processor"] = Name,
                ["Mailboxes:0:Host"] = "127.0.0.1",
                ["Mailboxes:0:Port"] = $"{imapPort}",
                // The peer reads without TLS too.
                ["Mailboxes:0:Security"] = "None",
                ["Mailboxes:0:Username"] = LoadMail.User,
                ["Mailboxes:0:Password"] = PollSide.Password,
                ["Mailboxes:0:StartFrom"] = "all",
                ["Mailboxes:0:Partition"] = Name,
                ["Mailboxes:0:Watch"] = "true",
            },
            services => services.AddSingleton(began).AddEmailProcessor<Processor>(Name, ServiceLifetime.Singleton));
        await host.StartAsync();
        await Task.Delay(Settling, time);
        Console.WriteLine(SideProgram.Ready);
        await Console.In.ReadToEndAsync();
        await host.StopAsync();
        return new SideResult { Milliseconds = [.. began] };
    }

    private sealed class Processor(ConcurrentQueue<double> began, TimeProvider time) : IEmailProcessor
    {
        public Task ProcessAsync(EmailDelivery delivery, CancellationToken cancellationToken)
        {
            began.Enqueue(MonotonicClock.Milliseconds(time));
            return Task.CompletedTask;
        }
    }
}
