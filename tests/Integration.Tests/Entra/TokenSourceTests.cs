using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Redis;
using EmailIngestion.Redis.Entra;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace EmailIngestion.Integration.Tests.Entra;

/// <summary>What a process says when Microsoft Entra ID gives it no usable token for Redis. It asks a server on this machine.</summary>
public sealed class TokenSourceTests
{
    private const string NoToken = "Microsoft Entra ID gives no token for Redis: ";

    public static TheoryData<string, string> Answers => new()
    {
        { "unknown", $"{NoToken}unauthorized_client: AADSTS700016: Not found; check AZURE_CLIENT_ID and AZURE_TENANT_ID." },
        { "secret", $"{NoToken}invalid_client: AADSTS7000215: Invalid client secret; check AZURE_CLIENT_SECRET." },
        { "throttled", $"{NoToken}temporarily_unavailable: AADSTS90033: A transient error." },
        { "no-id", "Microsoft Entra ID gives a token for Redis without an object ID (oid): set Streams:User to that of the identity." },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task A_failure_has_the_error_code_and_what_to_do(string answer, string text)
    {
        await using var redis = await TokenRedis.StartAsync();
        redis.Tokens.Answer = _ => answer switch
        {
            "unknown" => TokenAnswer.Refused("unauthorized_client", "AADSTS700016: Not found."),
            "secret" => TokenAnswer.Refused("invalid_client", "AADSTS7000215: Invalid client secret.", 401),
            "throttled" => TokenAnswer.Refused("temporarily_unavailable", "AADSTS90033: A transient error.", 429, "60"),
            _ => TokenAnswer.Of("https://redis.azure.com", TimeSpan.FromHours(1), objectId: null),
        };
        Assert.Equal(text, (await FailAsync(redis)).Message);
    }

    [Theory]
    [InlineData(200, "<html>Sign in to the network</html>")]
    [InlineData(502, "<html>Bad gateway</html>")]
    [InlineData(200, "{}")]
    public async Task Garbage_is_a_failure_in_one_line(int status, string body)
    {
        await using var redis = await TokenRedis.StartAsync();
        redis.Tokens.Answer = _ => new TokenAnswer(status, Body: body);
        var failure = await FailAsync(redis);
        Assert.StartsWith(NoToken, failure.Message, StringComparison.Ordinal);
        Assert.InRange(failure.Message.Length, NoToken.Length + 5, 400);
        Assert.DoesNotContain(failure.Message, char.IsControl);
    }

    [Fact]
    public async Task The_token_is_for_redis_and_its_user_is_the_object_id()
    {
        await using var redis = await TokenRedis.StartAsync();
        using var tokens = Tokens(redis, null);
        var token = await tokens.GetAsync(TestContext.Current.CancellationToken);
        Assert.Equal((redis.User, redis.Issued.Single()), (token.User, token.Value));
        Assert.Equal("https://redis.azure.com", redis.Tokens.Requests.Single().Resource);
    }

    [Fact]
    public async Task A_user_in_the_settings_replaces_the_object_id()
    {
        await using var redis = await TokenRedis.StartAsync();
        using var tokens = Tokens(redis, "mail");
        Assert.Equal("mail", (await tokens.GetAsync(TestContext.Current.CancellationToken)).User);
    }

    private static async Task<RedisSignInException> FailAsync(TokenRedis redis)
    {
        using var tokens = Tokens(redis, null);
        return await Assert.ThrowsAsync<RedisSignInException>(() => tokens.GetAsync(TestContext.Current.CancellationToken).AsTask());
    }

    private static RedisTokens Tokens(TokenRedis redis, string? user) =>
        new(new RedisIdentity { User = user, Credential = redis.Credential }, TimeProvider.System, NullLogger.Instance);
}
