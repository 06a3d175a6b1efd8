using Azure.Core;
using Azure.Identity;

namespace EmailIngestion.Redis.Entra;

/// <summary>The identity by which this process signs in to Redis, instead of a password.</summary>
internal sealed record RedisIdentity
{
    /// <summary>The name of this identity in Redis. Null: the object ID in its token.</summary>
    public string? User { get; init; }

    /// <summary>
    /// Creates the source of tokens. Each renewal creates another, because a source keeps its token until shortly before that runs out.
    /// </summary>
    public Func<TokenCredential> Credential { get; init; } = Default;

    // The renewal repeats by itself, so that each failure is reported and a long Retry-After is obeyed.
    private static DefaultAzureCredential Default() => new(new DefaultAzureCredentialOptions { Retry = { MaxRetries = 0 } });
}
