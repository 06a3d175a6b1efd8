using StackExchange.Redis.Configuration;

namespace EmailIngestion.Redis.Entra;

/// <summary>Gives each connection that opens or reconnects the newest token.</summary>
internal sealed class TokenOptions(RedisTokens tokens) : DefaultOptionsProvider
{
    public override string? User => tokens.Current?.User;

    public override string? Password => tokens.Current?.Value;
}
