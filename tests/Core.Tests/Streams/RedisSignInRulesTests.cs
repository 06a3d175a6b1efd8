using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Core.Tests.Streams;

/// <summary>Which settings of the sign-in to Redis are valid together.</summary>
public sealed class RedisSignInRulesTests
{
    [Theory]
    [InlineData("cache.example.net:10000,ssl=true", null)]
    [InlineData("cache.redis.cache.windows.net:6380", null)]
    [InlineData("127.0.0.1:6379", null)]
    [InlineData("localhost:6379", "5a1d1f0e-0000-4000-8000-00000000abcd")]
    public void A_sign_in_by_tokens_is_valid(string connectionString, string? user) =>
        Assert.Null(Fault(RedisAuthentication.Entra, connectionString, user, null));

    [Theory]
    [InlineData("h:1,ssl=true,password=p", null, null, "there is a password too (Streams:ConnectionString or REDIS_PASSWORD)")]
    [InlineData("h:1,ssl=true", null, "p", "there is a password too (Streams:ConnectionString or REDIS_PASSWORD)")]
    [InlineData("h:1,ssl=true,user=u", null, null, "Streams:ConnectionString has user=: set Streams:User instead, or none.")]
    [InlineData("h:1,ssl=true,serviceName=s", null, null, "names Sentinels (serviceName=), which accept no tokens.")]
    [InlineData("h:1", null, null, "has no ssl=true: anyone on the way could read the tokens.")]
    [InlineData("127.0.0.1:1,h:1", null, null, "has no ssl=true: anyone on the way could read the tokens.")]
    [InlineData("h:1,ssl=true", "two words", null, "Streams:User is 'two words': it must be the object ID of the identity")]
    public void A_setting_that_does_not_fit_is_named(string connectionString, string? user, string? password, string text) =>
        Assert.Contains(text, Fault(RedisAuthentication.Entra, connectionString, user, password), StringComparison.Ordinal);

    [Fact]
    public void A_user_without_tokens_belongs_into_the_connection_string() => Assert.Equal(
        "Streams:User is set, and Streams:Authentication is not Entra: put user= into Streams:ConnectionString.",
        Fault(RedisAuthentication.Password, "h:1", "u", null));

    [Fact]
    public void An_unknown_number_is_named() => Assert.Equal(
        "Streams:Authentication is 7: it must be Password or Entra.", Fault((RedisAuthentication)7, "h:1", null, null));

    private static string? Fault(RedisAuthentication authentication, string connectionString, string? user, string? password) =>
        new StreamOptionsRules().Validate(
            null,
            new StreamOptions
            {
                Authentication = authentication,
                ConnectionString = connectionString,
                User = user,
                Password = password,
            }).FailureMessage;
}
