using EmailIngestion.Configuration;
using EmailIngestion.Consuming;
using EmailIngestion.Processing;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Hosting;

/// <summary>Runs a host to its end; a wrong setting ends the start with one line that names it.</summary>
public static class IngestionHost
{
    /// <summary>Returns the process's exit code.</summary>
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
    /// Checks all the settings, and that the chosen processor can be made. The start would do so as well, but write a stack trace into
    /// the log besides.
    /// </summary>
    public static void Validate(IHost host)
    {
        host.Services.GetRequiredService<IStartupValidator>().Validate();
        if (host.Services.GetRequiredService<IOptions<ConsumerOptions>>().Value.Enabled)
            host.Services.GetRequiredService<ProcessorRunner>().CheckAsync().AsTask().GetAwaiter().GetResult();
    }

    /// <summary>The lines for the person who set it up; null when it is no setting's fault.</summary>
    public static IReadOnlyList<string>? Explain(Exception error) => error switch
    {
        SettingsException => [$"Settings: {error.Message}"],
        StartException => [error.Message],
        // A port that was free a moment ago.
        IOException { InnerException: AddressInUseException } => [error.Message],
        OptionsValidationException options => [.. options.Failures.Select(failure => $"Settings: {failure}")],
        AggregateException several when several.InnerExceptions.All(inner => Explain(inner) is not null) =>
            // Once each: the rules of one section may ask another, which then fails for both.
            [.. several.InnerExceptions.SelectMany(inner => Explain(inner)!).Distinct()],
        _ => null,
    };
}
