using EmailIngestion.Mailboxes;
using EmailIngestion.Operations.Control;
using EmailIngestion.Streams;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Hosting;

/// <summary>Registers what the functions about control and status ask.</summary>
internal static class ControlServices
{
    public static IServiceCollection AddControl(this IServiceCollection services) => services
        .AddSingleton(provider => new IngestionControl(
            provider.GetRequiredService<StreamPartitions>(), provider.GetRequiredService<MailboxList>()));
}
