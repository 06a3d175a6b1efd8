using EmailIngestion.Configuration;
using EmailIngestion.Messages.Authentication;
using EmailIngestion.Processing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Hosting;

/// <summary>Registers the processors: the archive, the webhooks of the settings, and what runs them.</summary>
internal static class ProcessingServices
{
    public static IServiceCollection AddProcessing(this IServiceCollection services, IConfiguration configuration)
    {
        // The processor has its own timeout.
        services.AddHttpClient(WebhookNames.Unnamed, client => client.Timeout = Timeout.InfiniteTimeSpan)
            // The processor's own log says what failed. The client's would format each address, even where nothing is logged.
            .RemoveAllLoggers()
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                // The rest of a longer answer is not read: its connection is closed.
                MaxResponseDrainSize = WebhookText.MaxBytes,
            });
        services
            .AddSettings<ProcessingOptions>(
                configuration,
                ProcessingOptions.Section,
                options => options.RunsHere =
                    !string.Equals(configuration["Consumer:Enabled"], "false", StringComparison.OrdinalIgnoreCase))
            .AddSettings<ArchiveOptions>(configuration, ArchiveOptions.Section)
            .AddSettings<WebhookOptions>(configuration, WebhookOptions.Section)
            .AddArchiveTarget()
            .AddEmailProcessor<ArchiveProcessor>(ArchiveProcessor.Name, ServiceLifetime.Singleton)
            .AddWebhook(WebhookNames.Unnamed)
            .AddSingleton<IDkimKeys>(provider => new DnsDkimKeys(DnsDkimKeys.Options(), provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<ProcessorRoutes>()
            .AddSingleton<ProcessorRunner>();
        foreach (var webhook in configuration.GetSection(WebhookNames.NamedSection).GetChildren())
        {
            Check(webhook);
            var processor = WebhookNames.ProcessorOf(webhook.Key);
            services.AddNamedSettings<WebhookOptions>(
                configuration, WebhookNames.SectionOf(processor), WebhookNames.OptionsOf(processor));
            services.AddWebhook(processor);
        }

        return services;
    }

    private static IServiceCollection AddWebhook(this IServiceCollection services, string processor) => services
        .AddSingleton(new ProcessorRegistration(processor, ServiceLifetime.Singleton))
        .AddKeyedSingleton<IEmailProcessor>(processor, (provider, _) => new WebhookProcessor(
            provider.GetRequiredService<IHttpClientFactory>().CreateClient(WebhookNames.Unnamed),
            provider.GetRequiredService<IOptionsMonitor<WebhookOptions>>().Get(WebhookNames.OptionsOf(processor)),
            WebhookNames.SectionOf(processor),
            provider.GetRequiredService<TimeProvider>()));

    private static void Check(IConfigurationSection webhook)
    {
        if (!WebhookNames.IsValid(webhook.Key))
        {
            throw new SettingsException(
                $"{webhook.Path} has a name that is not valid: a webhook's name has letters, digits, '-' and '_', at most 50.");
        }

        if (webhook.Value is not null)
        {
            throw new SettingsException(
                $"{webhook.Path} is no webhook with settings: "
                + $"write {WebhookNames.NamedSection}:NAME:{webhook.Key} for a webhook that you name, "
                + $"or {WebhookOptions.Section}:{webhook.Key} for the one without a name.");
        }
    }
}
