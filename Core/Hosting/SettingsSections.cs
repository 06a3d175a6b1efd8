using EmailIngestion.Bodies;
using EmailIngestion.Consuming;
using EmailIngestion.Mailboxes;
using EmailIngestion.Operations;
using EmailIngestion.Operations.Status;
using EmailIngestion.Processing;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Hosting;

/// <summary>Collects the settings in force of all stages.</summary>
internal static class SettingsSections
{
    public static IEnumerable<SettingsSection> Of(IServiceProvider services)
    {
        yield return One<StreamOptions>(services, StreamOptions.Section);
        yield return One<BodiesOptions>(services, BodiesOptions.Section);
        yield return One<PollingOptions>(services, PollingOptions.Section);
        yield return One<ConsumerOptions>(services, ConsumerOptions.Section);
        yield return One<ProcessingOptions>(services, ProcessingOptions.Section);
        yield return One<ArchiveOptions>(services, ArchiveOptions.Section);
        yield return One<WebhookOptions>(services, WebhookOptions.Section);
        yield return One<TelemetryOptions>(services, TelemetryOptions.Section);
        yield return One<OperationsOptions>(services, OperationsOptions.Section);
        yield return One<PollTimerOptions>(services, PollTimerOptions.Setting) with { Property = nameof(PollTimerOptions.Schedule) };
        var webhooks = services.GetRequiredService<IOptionsMonitor<WebhookOptions>>();
        foreach (var webhook in services.GetRequiredService<IConfiguration>().GetSection(WebhookNames.NamedSection).GetChildren())
        {
            var processor = WebhookNames.ProcessorOf(webhook.Key);
            yield return new SettingsSection(WebhookNames.SectionOf(processor), webhooks.Get(WebhookNames.OptionsOf(processor)));
        }

        var place = 0;
        foreach (var mailbox in services.GetRequiredService<MailboxList>().Current)
            yield return new SettingsSection(mailbox.Setting ?? $"Mailboxes:{place++}", mailbox);
    }

    private static SettingsSection One<TOptions>(IServiceProvider services, string section)
        where TOptions : class =>
        new(section, services.GetRequiredService<IOptions<TOptions>>().Value);
}
