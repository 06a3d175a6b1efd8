using EmailIngestion.Configuration;
using EmailIngestion.Consuming;
using EmailIngestion.Processing;
using EmailIngestion.Redis;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Hosting;

/// <summary>Runs a host. A wrong setting ends the start with one line that names it.</summary>
public static class IngestionHost
{
    /// <summary>Builds, validates and runs the host.</summary>
    /// <returns>The exit code of the process.</returns>
    public static int Run(Func<IHost> build)
    {
        try
        {
            using var host = build();
            Validate(host);
            host.Run();
            return Environment.ExitCode;
        }
        catch (Exception e) when (Explain(e) is { } lines)
        {
            foreach (var line in lines)
                Console.Error.WriteLine(line);
            return 1;
        }
    }

    /// <summary>
    /// Checks all settings, and that the selected processor can be created. The start of the host checks them too, but writes a stack trace
    /// into the log.
    /// </summary>
    public static void Validate(IHost host)
    {
        ConnectMeanwhile(host.Services);
        host.Services.GetRequiredService<IStartupValidator>().Validate();
        if (host.Services.GetRequiredService<IOptions<ConsumerOptions>>().Value.Enabled)
            host.Services.GetRequiredService<ProcessorRunner>().CheckAsync().AsTask().GetAwaiter().GetResult();
    }

    // The checks and the creation of the services take as long as the connection.
    private static void ConnectMeanwhile(IServiceProvider services) => _ = Task.Run(() =>
    {
        try
        {
            services.GetRequiredService<RedisConnection>().Open();
        }
        catch (Exception e) when (Explain(e) is not null || e is ObjectDisposedException)
        {
            // The checks report the same setting, or the host has ended.
        }
    });

    /// <summary>Returns the error lines for a failed start; null if neither a setting nor the environment is the cause.</summary>
    public static IReadOnlyList<string>? Explain(Exception error) => error switch
    {
        SettingsException => [$"Settings: {error.Message}"],
        StartException => [error.Message],
        // The port was taken after it had been checked.
        IOException { InnerException: AddressInUseException } => [error.Message],
        OptionsValidationException options => [.. options.Failures.Select(failure => $"Settings: {failure}")],
        AggregateException several when several.InnerExceptions.All(inner => Explain(inner) is not null) =>
            // Distinct: the rules of one section may read another section, which then fails twice.
            [.. several.InnerExceptions.SelectMany(inner => Explain(inner)!).Distinct()],
        _ => null,
    };
}
