using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using EmailIngestion.Mailboxes;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Bench.Sides;

/// <summary>
/// Runs a poller whose mailboxes are added in batches, with one that hangs and one that refuses among them. Measures what they cost at
/// rest, beyond what the process costs without mailboxes.
/// </summary>
internal static class MailboxesSide
{
    public const string Name = "mailboxes";
    public const int Batches = 3;

    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    private const string PollDuration = "email_ingestion_poll_duration";

    // The runtime compiles methods until then.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan BareRest = TimeSpan.FromMinutes(1);

    // A whole number of the timer's minutes.
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public static string User(int number) => string.Create(CultureInfo.InvariantCulture, $"user{number}@example.test");

    public static async Task<SideResult> RunAsync(int port, int imapPort, int count, bool isWatched)
    {
        var time = TimeProvider.System;
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var folder = Directory.CreateTempSubdirectory("bench-").FullName;
        var file = Path.Combine(folder, "mailboxes.json");
        File.WriteAllText(file, "[]");
        var polls = 0;
        using var meters = new MeterListener();
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == PollDuration)
                listener.EnableMeasurementEvents(instrument);
        };
        meters.SetMeasurementEventCallback<double>((_, _, _, _) => Interlocked.Increment(ref polls));
        meters.Start();
        await using var host = SideHost.Build(port, new Dictionary<string, string?>
        {
            ["Polling:Enabled"] = "true",
            ["Polling:HintFolder"] = "",
            ["Polling:MaxWatched"] = isWatched ? "1000" : "0",
            // The timer of a watched mailbox finds only what the watch misses.
            ["POLL_SCHEDULE"] = isWatched ? "0 0 * * * *" : "0 * * * * *",
            ["MAILBOXES_FILE"] = file,
            ["Logging:Console:LogLevel:Default"] = "None",
        });
        await host.StartAsync();
        await Task.Delay(Settling, time);
        var (bareCpu, _) = await RestAsync(() => 0, BareRest, time);
        var bareMb = WorkingSetMb();

        var polled = host.Services.GetRequiredService<PolledMailboxes>();
        var mailboxes = new List<object> { Mailbox("hangs", ((IPEndPoint)silent.LocalEndpoint).Port), Mailbox("refuses", 1) };
        var waits = new List<double>();
        for (var batch = 0; batch < Batches; batch++)
        {
            mailboxes.AddRange(
                Enumerable.Range(batch * count / Batches, count / Batches).Select(number => Mailbox(User(number), imapPort)));
            File.WriteAllText($"{file}.new", JsonSerializer.Serialize(mailboxes));
            File.Move($"{file}.new", file, overwrite: true);
            var began = time.GetTimestamp();
            while (polled.All.Count(mailbox => mailbox.LastOpened is not null) < (batch + 1) * count / Batches)
            {
                if (time.GetElapsedTime(began) > Limit)
                    throw new InvalidOperationException($"Batch {batch + 1} was not polled within {Limit}.");
                await Task.Delay(Look, time);
            }

            waits.Add(time.GetElapsedTime(began).TotalMilliseconds);
        }

        await Task.Delay(Settling, time);
        var (cpu, made) = await RestAsync(() => polls, Rest, time);
        var result = new SideResult
        {
            Milliseconds = waits,
            IdleCpu = cpu - bareCpu,
            PollsPerMinute = made / Rest.TotalMinutes,
            Connections = Connections(imapPort),
            Threads = Process.GetCurrentProcess().Threads.Count,
            WorkingSetMb = bareMb,
            LaterWorkingSetMb = WorkingSetMb(),
        };
        await host.StopAsync();
        Directory.Delete(folder, recursive: true);
        return result;
    }

    private static async Task<(double Cpu, int Polls)> RestAsync(Func<int> polls, TimeSpan rest, TimeProvider time)
    {
        var (started, cpu, before) = (time.GetTimestamp(), Stopper.Cpu(), polls());
        await Task.Delay(rest, time);
        return ((Stopper.Cpu() - cpu) / time.GetElapsedTime(started), polls() - before);
    }

    public static Dictionary<string, string> Mailbox(string user, int port) => new()
    {
        ["Host"] = "127.0.0.1",
        ["Port"] = $"{port}",
        ["Security"] = "None",
        ["Username"] = user,
        ["Password"] = PollSide.Password,
        ["StartFrom"] = "all",
    };

    private static double WorkingSetMb()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64 / 1e6;
    }

    // Established connections whose other end is the port. Addresses of /proc are hexadecimal, and .NET's sockets are IPv6 ones.
    private static int Connections(int port)
    {
        var remote = string.Create(CultureInfo.InvariantCulture, $":{port:X4} 01 ");
        return Tables.SelectMany(File.ReadLines)
            .Count(line => line.Contains(remote, StringComparison.Ordinal));
    }
}
