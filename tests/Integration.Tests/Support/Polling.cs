using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>Polls on request of the test, in a process that only polls.</summary>
internal static class Polling
{
    /// <summary>The settings of a process that only polls, by default one mailbox of the test's user.</summary>
    public static LocalSettings PollingSettings(this TestPartition partition, string folder = "INBOX", string startFrom = "all")
    {
        var settings = partition.Settings();
        settings["Consumer:Enabled"] = "false";
        partition.AddMailbox(settings, folder, startFrom);
        return settings;
    }

    /// <summary>The settings of a process that only consumes.</summary>
    public static LocalSettings ConsumingSettings(this TestPartition partition)
    {
        var settings = partition.Settings();
        settings["Polling:Enabled"] = "false";
        return settings;
    }

    public static Task<IReadOnlyDictionary<string, PollResult>> PollAllAsync(this WebApplication host) =>
        Eventually.EndsAsync(
            host.Services.GetRequiredService<PollService>().PollAllAsync(TestContext.Current.CancellationToken), "the polls have ended");

    /// <summary>Polls the only mailbox of this process.</summary>
    public static async Task<PollResult> PollAsync(this WebApplication host) => (await host.PollAllAsync()).Values.Single();

    /// <summary>Starts a process that polls the test's INBOX from its beginning.</summary>
    public static Task<WebApplication> StartPollerAsync(
        this TestPartition partition, Action<LocalSettings>? change = null, Action<IServiceCollection>? configure = null)
    {
        var settings = partition.PollingSettings();
        change?.Invoke(settings);
        return partition.StartHostAsync(settings, configure);
    }

    /// <summary>Starts a process that polls the given mailbox from its beginning.</summary>
    public static Task<WebApplication> StartPollerAsync(
        this TestPartition partition, IMailbox mailbox, Action<LocalSettings>? change = null) =>
        partition.StartPollerAsync(change, services => services.AddSingleton<Func<MailboxOptions, IMailbox>>(_ => mailbox));
}
