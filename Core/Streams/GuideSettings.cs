using System.Globalization;
using EmailIngestion.Configuration;
using Microsoft.Extensions.Configuration;

namespace EmailIngestion.Streams;

/// <summary>Reads the setting names of the former system: REDIS_HOST, REDIS_PORT, REDIS_PASSWORD and REDIS_MAX_STREAM_LENGTH.</summary>
internal static class GuideSettings
{
    private const int DefaultPort = 6379;

    public static void Apply(IConfiguration configuration, StreamOptions options)
    {
        if (configuration["REDIS_HOST"] is { Length: > 0 } host)
        {
            if (options.ConnectionString.Length > 0)
                throw new SettingsException($"REDIS_HOST is {host} and Streams:ConnectionString is set too: set only one of them.");
            options.ConnectionString = $"{host}:{Number(configuration, "REDIS_PORT", 1, 65_535) ?? DefaultPort}";
            if (configuration["REDIS_PASSWORD"] is { Length: > 0 } password)
                options.Password = password;
        }
        else if (configuration["REDIS_PORT"] is { Length: > 0 } && options.ConnectionString.Length == 0)
        {
            throw new SettingsException("REDIS_PORT is set and REDIS_HOST is not: set REDIS_HOST, or Streams:ConnectionString.");
        }

        if (Number(configuration, "REDIS_MAX_STREAM_LENGTH", 0, 1_000_000_000) is not { } length)
            return;
        var setting = configuration[$"{StreamOptions.Section}:{nameof(StreamOptions.MaxStreamLength)}"];
        if (setting is not null && options.MaxStreamLength != length)
        {
            throw new SettingsException(
                $"REDIS_MAX_STREAM_LENGTH is {length} and Streams:MaxStreamLength is {setting}: set only one of them.");
        }

        options.MaxStreamLength = length;
    }

    private static int? Number(IConfiguration configuration, string name, int min, int max)
    {
        if (configuration[name] is not { Length: > 0 } text)
            return null;
        if (!int.TryParse(text, CultureInfo.InvariantCulture, out var number) || number < min || number > max)
            throw new SettingsException($"{name} is {text}: it must be a number between {min} and {max}.");
        return number;
    }
}
