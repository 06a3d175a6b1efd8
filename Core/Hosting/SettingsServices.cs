using EmailIngestion.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Hosting;

/// <summary>Registers sections of the configuration as options.</summary>
internal static class SettingsServices
{
    /// <summary>Binds a section strictly, and validates it at the start.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configuration">The configuration.</param>
    /// <param name="section">The section.</param>
    /// <param name="more">Further settings of other sections.</param>
    public static IServiceCollection AddSettings<TOptions>(
        this IServiceCollection services, IConfiguration configuration, string section, Action<TOptions>? more = null)
        where TOptions : class
    {
        services.AddNamedSettings<TOptions>(configuration, section, Options.DefaultName, more).ValidateOnStart();
        return services;
    }

    /// <summary>Binds a section strictly to the options of a name. They are validated when they are first read.</summary>
    public static OptionsBuilder<TOptions> AddNamedSettings<TOptions>(
        this IServiceCollection services, IConfiguration configuration, string section, string name, Action<TOptions>? more = null)
        where TOptions : class
    {
        services.AddSingleton<IValidateOptions<TOptions>>(new SettingsValidator<TOptions>(section, name));
        return services.AddOptions<TOptions>(name).Configure(options =>
        {
            StrictBinder.Bind(configuration.GetSection(section), options);
            more?.Invoke(options);
        });
    }
}
