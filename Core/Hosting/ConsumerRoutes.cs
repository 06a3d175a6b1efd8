using EmailIngestion.Configuration;
using EmailIngestion.Consuming;
using EmailIngestion.Mailboxes;
using EmailIngestion.Processing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Hosting;

/// <summary>
/// Gives the consumer of this process other routes. A process that does not consume has none, and creates no processors.
/// </summary>
internal sealed class ConsumerRoutes(IServiceProvider services, IOptions<ConsumerOptions> consumer)
{
    /// <summary>Creates the processors that are not in use yet. Returns why one cannot be created; null if there is no fault.</summary>
    public async Task<string?> FaultAsync(IReadOnlyList<MailboxRoute> routes)
    {
        if (!consumer.Value.Enabled)
            return null;
        try
        {
            var processors = services.GetRequiredService<ProcessorRunner>();
            foreach (var route in routes.Where(route => !string.IsNullOrWhiteSpace(route.Processor)))
                await processors.CheckAsync(route.ProcessorSetting, route.Processor!);
            return null;
        }
        catch (SettingsException e)
        {
            return e.Message;
        }
    }

    /// <summary>Uses the routes of these mailboxes from now on.</summary>
    public void Change(IReadOnlyList<MailboxOptions> mailboxes)
    {
        if (consumer.Value.Enabled)
            services.GetRequiredService<ProcessorRoutes>().Change(MailboxRules.Routes(mailboxes));
    }
}
