using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.Settings;
using EmailIngestion.Processing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Hosting;

/// <summary>Registers the mailboxes of the settings, for the poller and for the consumer, and what follows their changes.</summary>
internal static class MailboxServices
{
    public static IServiceCollection AddMailboxSettings(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(_ => new MailboxSettings(configuration));
        services.AddOptions<PollingOptions>().Configure<MailboxSettings>((options, settings) =>
            (options.Mailboxes, options.MayGetMailboxes) = (settings.AtStart, settings.File is not null));
        services.AddOptions<ProcessingOptions>().Configure<MailboxSettings>((options, settings) =>
            options.Mailboxes = MailboxRules.Routes(settings.AtStart));
        return services
            .AddSingleton<PollingOptionsRules>()
            .AddSingleton<IValidateOptions<PollingOptions>>(provider => provider.GetRequiredService<PollingOptionsRules>())
            .AddSingleton<ProcessingOptionsRules>()
            .AddSingleton<IValidateOptions<ProcessingOptions>>(provider => provider.GetRequiredService<ProcessingOptionsRules>())
            .AddSingleton<MailboxList>()
            .AddSingleton<ConsumerRoutes>()
            .AddSingleton<MailboxRules>()
            .AddSingleton<MailboxChanges>()
            .AddHostedService(provider => provider.GetRequiredService<MailboxChanges>());
    }
}
