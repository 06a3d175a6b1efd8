using System.Buffers.Text;
using Azure.Core;
using EmailIngestion.Redis;
using EmailIngestion.Redis.Entra;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Core.Tests.Redis;

/// <summary>When a process asks Microsoft Entra ID for another token for Redis.</summary>
public sealed class RedisTokensTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly RedisTokens _tokens;
    private Func<int, AccessToken> _answer;
    private int _asked;

    public RedisTokensTests()
    {
        _answer = number => Token(number, TimeSpan.FromHours(1));
        _tokens = new RedisTokens(
            new RedisIdentity { Credential = () => DelegatedTokenCredential.Create((_, _) => _answer(++_asked)) },
            _time,
            NullLogger.Instance);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _tokens.Dispose();

    [Fact]
    public async Task A_token_is_renewed_after_three_quarters_of_its_life()
    {
        var first = await _tokens.GetAsync(Cancel);
        Assert.Equal(1, await AskedWithinAsync(TimeSpan.FromMinutes(44)));
        Assert.Equal(2, await AskedWithinAsync(TimeSpan.FromMinutes(2)));
        Assert.NotEqual(first, _tokens.Current);
        Assert.Equal(2, await AskedWithinAsync(TimeSpan.FromMinutes(43)));
    }

    [Fact]
    public async Task Many_connections_ask_once()
    {
        var all = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => _tokens.GetAsync(Cancel).AsTask(), Cancel)));
        Assert.Single(all.Distinct());
        Assert.Equal(1, _asked);
    }

    [Fact]
    public async Task A_renewal_that_fails_is_repeated_ever_later_and_the_token_stays()
    {
        var first = await _tokens.GetAsync(Cancel);
        _answer = _ => throw new InvalidOperationException("Not now.");
        await AskedWithinAsync(TimeSpan.FromMinutes(45));
        var before = _asked;
        // After 1, 2, 4, 8, 16 and then each 30 seconds.
        Assert.Equal(before + 6, await AskedWithinAsync(TimeSpan.FromSeconds(62)));
        Assert.Equal(before + 8, await AskedWithinAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal(first, await _tokens.GetAsync(Cancel));

        _answer = number => Token(number, TimeSpan.FromHours(1));
        await AskedWithinAsync(TimeSpan.FromSeconds(31));
        Assert.NotEqual(first, _tokens.Current);
    }

    [Fact]
    public async Task Without_a_token_each_connection_fails_at_once_between_two_requests()
    {
        _answer = _ => throw new InvalidOperationException("Not now.");
        for (var i = 0; i < 10; i++)
        {
            var error = await Assert.ThrowsAsync<RedisSignInException>(() => _tokens.GetAsync(Cancel).AsTask());
            Assert.Equal("Microsoft Entra ID gives no token for Redis: Not now.", error.Message);
        }

        Assert.Equal(1, _asked);
        _time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<RedisSignInException>(() => _tokens.GetAsync(Cancel).AsTask());
        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task A_token_that_has_run_out_signs_nobody_in()
    {
        await _tokens.GetAsync(Cancel);
        _answer = _ => throw new InvalidOperationException("Not now.");
        _time.Advance(TimeSpan.FromMinutes(61));
        await Assert.ThrowsAsync<RedisSignInException>(() => _tokens.GetAsync(Cancel).AsTask());
    }

    [Fact]
    public async Task A_source_that_gives_the_same_token_is_not_asked_each_second()
    {
        var same = Token(1, TimeSpan.FromHours(1));
        _answer = _ => same;
        await _tokens.GetAsync(Cancel);
        Assert.InRange(await AskedWithinAsync(TimeSpan.FromMinutes(59)), 10, 60);
    }

    [Fact]
    public async Task A_refused_token_is_renewed_at_once_and_then_once_a_minute()
    {
        _tokens.Refused(await _tokens.GetAsync(Cancel));
        Assert.Equal(2, await AskedWithinAsync(TimeSpan.FromSeconds(1)));
        for (var second = 0; second < 180; second++)
        {
            _tokens.Refused(_tokens.Current!);
            await AskedWithinAsync(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(_asked, 4, 5);
    }

    [Fact]
    public async Task A_token_without_an_object_id_is_no_token()
    {
        _answer = _ => new AccessToken("opaque", _time.GetUtcNow().AddHours(1));
        var error = await Assert.ThrowsAsync<RedisSignInException>(() => _tokens.GetAsync(Cancel).AsTask());
        Assert.EndsWith("set Streams:User to that of the identity.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_ran_out_before_it_came_is_no_token()
    {
        _answer = number => Token(number, TimeSpan.Zero);
        var error = await Assert.ThrowsAsync<RedisSignInException>(() => _tokens.GetAsync(Cancel).AsTask());
        Assert.EndsWith("ran out at 2026-01-02 03:04:05Z; check the clock.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_sign_in_passes_and_is_no_outage()
    {
        var error = new RedisSignInException($"No token. {new string('x', 300)}");
        Assert.True(RedisErrors.IsPassing(error));
        Assert.Equal(error.Message, BriefError.Of(error));
    }

    private AccessToken Token(int number, TimeSpan lifetime)
    {
        var claims = Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes($"{{\"oid\":\"object\",\"uti\":\"{number}\"}}"));
        return new AccessToken($"e30.{claims}.x", _time.GetUtcNow() + lifetime);
    }

    // The loop that renews tokens looks once a second.
    private async Task<int> AskedWithinAsync(TimeSpan time)
    {
        for (var second = 0; second < time.TotalSeconds; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await _tokens.RenewAsync(Cancel);
        }

        return _asked;
    }
}
