using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EmailIngestion.Hosting;

/// <summary>Registers services that start late.</summary>
internal static class LateServices
{
    public static IServiceCollection AddLateService<TService>(this IServiceCollection services)
        where TService : BackgroundService =>
        services.AddSingleton<TService>().AddHostedService<LateService<TService>>();
}
