using EmailIngestion.Redis.Entra;
using StackExchange.Redis;

namespace EmailIngestion.Redis;

/// <summary>How this process reaches Redis and its Sentinels.</summary>
internal sealed record RedisSettings
{
    /// <summary>The StackExchange.Redis configuration string.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>The password. Null: that of the connection string.</summary>
    public string? Password { get; init; }

    /// <summary>The identity that signs in to Redis by tokens. Null: the password does.</summary>
    public RedisIdentity? Identity { get; init; }

    /// <summary>A PEM file of authorities that are trusted in addition to the system's. Null: none.</summary>
    public string? CertificateAuthority { get; init; }

    /// <summary>A PEM file with the certificate that this process presents. Null: none.</summary>
    public string? ClientCertificate { get; init; }

    /// <summary>A PEM file with its private key. Null: the key is in the certificate's file.</summary>
    public string? ClientCertificateKey { get; init; }

    /// <summary>The user for the Sentinels. Null: see <c>Streams:SentinelUser</c>.</summary>
    public string? SentinelUser { get; init; }

    /// <summary>The password of the Sentinels. Null: that of Redis.</summary>
    public string? SentinelPassword { get; init; }

    /// <summary>The bytes that Redis may use, as the settings limit them; 0 = the limit that Redis reports.</summary>
    public long MaxMemoryBytes { get; init; }

    /// <exception cref="ArgumentException">The connection string cannot be read.</exception>
    public ConfigurationOptions Configuration()
    {
        var configuration = ConfigurationOptions.Parse(ConnectionString);
        configuration.Password = Password ?? configuration.Password;
        RedisTls.Apply(this, configuration);
        return configuration;
    }
}
