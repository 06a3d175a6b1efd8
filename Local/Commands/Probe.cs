using EmailIngestion.Configuration;
using EmailIngestion.Hosting;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.Probing;
using EmailIngestion.Mailboxes.SignIn;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Local.Commands;

/// <summary>Checks mailboxes step by step, and says for each failure what to do.</summary>
internal static class Probe
{
    // For mailboxes that need no Redis to sign in.
    private const string NoRedis = "127.0.0.1:1";

    public static async Task<int> RunAsync(CommandSettings command, int? mailbox, bool json, CancellationToken cancellationToken)
    {
        if (!command.Settings.HasRedis)
            await FindRedisAsync(command, cancellationToken);
        command.Settings["Polling:KeyFolder"] ??= Path.Combine(command.DataFolder, "token-keys");
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(command.Settings.Values).Build();
        await using var services = new ServiceCollection().AddLogging().AddEmailIngestion(configuration)
            // The probe must not use up a token of the pollers.
            .AddSingleton(new KeptTokenUse(NeedsKey: true))
            .BuildServiceProvider();
        // Wrong settings of a mailbox end the command with the lines of every start.
        var polling = services.GetRequiredService<IOptions<PollingOptions>>().Value;
        var chosen = Choose(polling.Mailboxes, mailbox);
        var results = new List<ProbeResult>();
        foreach (var options in chosen)
        {
            var result = new ProbeResult(options.Name);
            results.Add(result);
            if (!json)
                Console.WriteLine(options.Name);
            var probe = new MailboxProbe(
                options,
                polling.ServerTimeout,
                services.GetRequiredService<AccessTokens>().Of(options),
                services.GetRequiredService<TimeProvider>());
            await probe.RunAsync(
                step =>
                {
                    result.Steps.Add(step);
                    if (!json)
                        Write(step);
                },
                cancellationToken);
        }

        if (json)
            Console.WriteLine(ProbeResult.Json(results));
        return results.All(result => result.Passed) ? 0 : 1;
    }

    private static IReadOnlyList<MailboxOptions> Choose(IReadOnlyList<MailboxOptions> mailboxes, int? number) => number switch
    {
        _ when mailboxes.Count == 0 => throw new SettingsException(
            "No mailbox is configured: set Mailboxes:0:Username and the others (docs/accounts.md)."),
        null => mailboxes,
        >= 0 when number < mailboxes.Count => [mailboxes[number.Value]],
        _ => throw new SettingsException($"--mailbox is {number}: the settings have the mailboxes 0 to {mailboxes.Count - 1}."),
    };

    private static async Task FindRedisAsync(CommandSettings command, CancellationToken cancellationToken)
    {
        try
        {
            await new OwnRedis(command.DataFolder, TimeProvider.System).FindAsync(command.Settings, cancellationToken);
        }
        catch (SettingsException)
        {
            command.Settings["Streams:ConnectionString"] = NoRedis;
        }
    }

    private static void Write(ProbeStep step)
    {
        Console.WriteLine($"  {(step.Passed ? "ok  " : "FAIL")}  {step.Name,-12}  {step.Text}");
        if (step.Advice is not null)
            Console.WriteLine($"        {"",-12}  {step.Advice}");
    }
}
