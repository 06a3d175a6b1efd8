using System.Net;
using EmailIngestion.Local.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Functions.Tests.Hosting;

public sealed class WrongKeysTests
{
    private static readonly IPAddress Ann = IPAddress.Parse("192.0.2.1");
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(60);
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    private readonly FakeTimeProvider _time = new();
    private readonly WrongKeys _keys;

    public WrongKeysTests() => _keys = new WrongKeys(_time, NullLogger<WrongKeys>.Instance);

    [Fact]
    public async Task A_few_wrong_keys_are_answered_at_once()
    {
        for (var i = 0; i < WrongKeys.AnsweredAtOnce; i++)
            Assert.True(await _keys.DelayAsync(Ann, Cancel).WaitAsync(Within, Cancel));
        Assert.False(_keys.DelayAsync(Ann, Cancel).IsCompleted);
    }

    [Fact]
    public async Task Each_further_one_waits_longer_up_to_a_bound()
    {
        await MistypeAsync(Ann);
        foreach (var seconds in new[] { 0.25, 0.5, 1, 2, 4, 8, 8, 8 })
        {
            var answer = _keys.DelayAsync(Ann, Cancel);
            _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            Assert.False(answer.IsCompleted, $"after {seconds} s less a moment");
            _time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.True(await answer.WaitAsync(Within, Cancel));
        }
    }

    [Fact]
    public async Task A_minute_without_a_wrong_key_resets_the_delay()
    {
        await MistypeAsync(Ann);
        _time.Advance(TimeSpan.FromSeconds(61));
        Assert.True(await _keys.DelayAsync(Ann, Cancel).WaitAsync(Within, Cancel));
    }

    [Fact]
    public async Task Another_address_is_not_delayed()
    {
        await MistypeAsync(Ann);
        // Addresses share groups, so a few of many may be delayed too.
        var answers = Enumerable.Range(1, 20).Select(i => _keys.DelayAsync(IPAddress.Parse($"198.51.100.{i}"), Cancel)).ToArray();
        Assert.True(answers.Count(answer => answer.IsCompleted) >= 18);
    }

    [Fact]
    public async Task Addresses_of_one_IPv6_network_count_as_one_client()
    {
        for (var i = 0; i < WrongKeys.AnsweredAtOnce; i++)
            await _keys.DelayAsync(IPAddress.Parse($"2001:db8:1:2:{i}::1"), Cancel);
        Assert.False(_keys.DelayAsync(IPAddress.Parse("2001:db8:1:2:ffff::1"), Cancel).IsCompleted);
    }

    [Fact]
    public async Task The_delayed_answers_of_an_address_are_bounded()
    {
        await MistypeAsync(Ann);
        var delayed = Enumerable.Range(0, WrongKeys.MaxHeldOfAddress).Select(_ => _keys.DelayAsync(Ann, Cancel)).ToArray();
        Assert.All(delayed, answer => Assert.False(answer.IsCompleted));
        Assert.False(await _keys.DelayAsync(Ann, Cancel));
        _time.Advance(WrongKeys.LongestDelay);
        await Task.WhenAll(delayed).WaitAsync(Within, Cancel);
        Assert.False(_keys.DelayAsync(Ann, Cancel).IsCompleted);
    }

    [Fact]
    public async Task The_delayed_answers_of_all_addresses_are_bounded()
    {
        var answers = new List<Task<bool>>();
        for (var address = 1; address <= 200; address++)
        {
            for (var i = 0; i < WrongKeys.AnsweredAtOnce + 5; i++)
                answers.Add(_keys.DelayAsync(IPAddress.Parse($"203.0.113.{address}"), Cancel));
        }

        Assert.Equal(WrongKeys.MaxHeld, answers.Count(answer => !answer.IsCompleted));
        _time.Advance(WrongKeys.LongestDelay);
        await Task.WhenAll(answers).WaitAsync(Within, Cancel);
    }

    [Fact]
    public async Task A_client_that_goes_away_frees_its_place()
    {
        await MistypeAsync(Ann);
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var delayed = Enumerable.Range(0, WrongKeys.MaxHeldOfAddress).Select(_ => _keys.DelayAsync(Ann, gone.Token)).ToArray();
        await gone.CancelAsync();
        await Task.WhenAll(delayed).WaitAsync(Within, Cancel);
        Assert.False(_keys.DelayAsync(Ann, Cancel).IsCompleted);
    }

    private async Task MistypeAsync(IPAddress address)
    {
        for (var i = 0; i < WrongKeys.AnsweredAtOnce; i++)
            await _keys.DelayAsync(address, Cancel);
    }
}
