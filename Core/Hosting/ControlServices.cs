using EmailIngestion.Consuming;
using EmailIngestion.Mailboxes;
using EmailIngestion.Operations.Control;
using EmailIngestion.Operations.Status;
using EmailIngestion.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Hosting;

/// <summary>Registers what the functions about control and status ask.</summary>
internal static class ControlServices
{
    public static IServiceCollection AddControl(this IServiceCollection services) => services
        .AddSingleton(provider => new IngestionControl(
            provider.GetRequiredService<StreamPartitions>(), provider.GetRequiredService<MailboxList>()))
        .AddSingleton(provider => new IngestionStatus(
            provider.GetRequiredService<Memberships>(),
            provider.GetRequiredService<ConsumerName>(),
            provider.GetRequiredService<IOptions<ConsumerOptions>>(),
            provider.GetRequiredService<IOptions<PollingOptions>>(),
            provider.GetRequiredService<TimeProvider>()))
        .AddSingleton(provider => new IngestionSettings(() => SettingsSections.Of(provider)));
}
