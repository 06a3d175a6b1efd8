using System.Net;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Checks the settings by which this process signs in to Redis.</summary>
internal static class RedisSignInRules
{
    /// <summary>Returns the fault of the settings. Null: they are valid.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="configuration">What the connection string says.</param>
    public static string? Fault(StreamOptions options, ConfigurationOptions configuration)
    {
        if (!Enum.IsDefined(options.Authentication))
            return $"Streams:Authentication is {options.Authentication}: it must be Password or Entra.";
        if (options.Authentication != RedisAuthentication.Entra)
        {
            return options.User is { Length: > 0 }
                ? "Streams:User is set, and Streams:Authentication is not Entra: put user= into Streams:ConnectionString."
                : null;
        }

        if (configuration.Password is { Length: > 0 })
        {
            return "Streams:Authentication is Entra, and there is a password too (Streams:ConnectionString or REDIS_PASSWORD): "
                + "remove one of them.";
        }

        if (configuration.User is { Length: > 0 })
            return "Streams:Authentication is Entra, and Streams:ConnectionString has user=: set Streams:User instead, or none.";
        if (!string.IsNullOrEmpty(configuration.ServiceName))
            return "Streams:Authentication is Entra, and Streams:ConnectionString names Sentinels (serviceName=), which accept no tokens.";
        if (options.User is { } user && user.Any(char.IsWhiteSpace))
            return $"Streams:User is '{user}': it must be the object ID of the identity, or no text.";
        return configuration.Ssl || configuration.EndPoints.All(IsLoopback)
            ? null
            : "Streams:Authentication is Entra, and Streams:ConnectionString has no ssl=true: anyone on the way could read the tokens.";
    }

    private static bool IsLoopback(EndPoint server) => server switch
    {
        IPEndPoint address => IPAddress.IsLoopback(address.Address),
        DnsEndPoint name => name.Host == "localhost",
        _ => true,
    };
}
