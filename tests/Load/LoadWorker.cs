using System.Globalization;
using EmailIngestion.Hosting;
using EmailIngestion.Local.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Load;

/// <summary>
/// Runs one consumer in this process: the host of <c>dotnet run --project Local -- consume</c> with the processor of the load test.
/// </summary>
internal static class LoadWorker
{
    public const string Command = "worker";

    /// <summary>The setting of the processor's delay in milliseconds. All settings come from the environment.</summary>
    public const string DelaySetting = "Load:ProcessorDelayMs";

    public static async Task<int> RunAsync(string file)
    {
        var settings = LocalSettings.Load(Path.Combine(Path.GetDirectoryName(file)!, "no-settings-file"));
        using var recorder = new LoadRecorder(TimeProvider.System);
        var delay = TimeSpan.FromMilliseconds(int.Parse(settings[DelaySetting]!, CultureInfo.InvariantCulture));
        await using var app = LocalHost.Build(settings, new LocalHostOptions(Path.GetDirectoryName(file)!, null), services => services
            .AddSingleton(recorder)
            .AddSingleton(new LoadProcessorOptions(delay))
            .AddEmailProcessor<LoadProcessor>(LoadProcessor.Name, ServiceLifetime.Singleton));
        try
        {
            IngestionHost.Validate(app);
        }
        catch (Exception e) when (IngestionHost.Explain(e) is { } lines)
        {
            foreach (var line in lines)
                await Console.Error.WriteLineAsync(line);
            return 1;
        }

        await app.RunAsync();
        recorder.Write(file);
        return Environment.ExitCode;
    }
}
