using EmailIngestion.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Hosting;

/// <summary>Registers options classes.</summary>
internal static class SettingsServices
{
    /// <summary>Registers options that are bound to a section and validated on start.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configuration">The settings.</param>
    /// <param name="section">The section's name.</param>
    /// <param name="more">Changes the bound options; null for no change.</param>
    public static IServiceCollection AddSettings<TOptions>(
        this IServiceCollection services, IConfiguration configuration, string section, Action<TOptions>? more = null)
        where TOptions : class
    {
        services.AddOptions<TOptions>()
            .Configure(options =>
            {
                StrictBinder.Bind(configuration.GetSection(section), options);
                more?.Invoke(options);
            })
            .ValidateOnStart();
        return services.AddSingleton<IValidateOptions<TOptions>>(new SettingsValidator<TOptions>(section));
    }
}
