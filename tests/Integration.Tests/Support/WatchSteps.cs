using System.Globalization;
using EmailIngestion.Local.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>Steps of the tests of watches.</summary>
internal static class WatchSteps
{
    /// <summary>Starts a process that polls and watches folders of the test's user on this server: F0, F1 and so on.</summary>
    public static Task<WebApplication> StartWatcherAsync(
        this TestPartition partition, ImapPeer peer, LogLines log, int folders = 1, Action<LocalSettings>? change = null,
        Action<IServiceCollection>? configure = null)
    {
        var settings = partition.PollingSettings();
        settings["Polling:MaxWatched"] = "50";
        for (var index = 0; index < folders; index++)
        {
            partition.AddMailbox(settings, string.Create(CultureInfo.InvariantCulture, $"F{index}"), index: index);
            peer.Serve(settings, index);
        }

        change?.Invoke(settings);
        return partition.StartHostAsync(settings, services =>
        {
            services.AddLogging(logging => logging.AddProvider(log).AddFilter<LogLines>("EmailIngestion", LogLevel.Debug));
            configure?.Invoke(services);
        });
    }

    /// <summary>Waits until the stream has so many emails.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="count">The number of emails.</param>
    /// <param name="time">A clock that passes meanwhile; null for the system's.</param>
    public static Task AppendedAsync(this TestPartition partition, int count, FakeTimeProvider? time = null)
    {
        var looks = 0;
        return Eventually.TrueAsync(
            async () =>
            {
                if (++looks % 10 == 0)
                    time?.Advance(TimeSpan.FromSeconds(31));
                return await partition.Database.StreamLengthAsync(partition.Keys.Stream) == count;
            },
            $"{count} emails are appended");
    }
}
