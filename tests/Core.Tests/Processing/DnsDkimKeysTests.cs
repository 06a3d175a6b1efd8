using EmailIngestion.Messages.Authentication;
using EmailIngestion.Processing;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Core.Tests.Processing;

public sealed class DnsDkimKeysTests
{
    private const string Name = "s1._domainkey.sender.test";

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Without_servers_it_asks_those_of_the_system() => Assert.True(DnsDkimKeys.Options().AutoResolveNameServers);

    [Fact]
    public void A_key_record_of_several_strings_is_one_text()
    {
        using var dns = new TestDns { Records = [["v=spf1 -all"], ["v=DKIM1; k=rsa; p=AA", "BB"]] };
        Assert.Equal(new DkimKeyAnswer("v=DKIM1; k=rsa; p=AABB"), Find(Keys(dns)));
    }

    [Fact]
    public void A_name_without_a_key_record_has_no_key()
    {
        using var dns = new TestDns { Records = [["v=spf1 -all"]] };
        Assert.Equal(DkimKeyAnswer.None, Find(Keys(dns)));
        using var none = new TestDns { Code = 3 };
        Assert.Equal(DkimKeyAnswer.None, Find(Keys(none)));
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(5, false)]
    [InlineData(0, true)]
    public void A_server_that_fails_is_an_outage(byte code, bool isBroken)
    {
        using var dns = new TestDns { Code = code, IsBroken = isBroken, Records = [["p=AA"]] };
        var answer = Find(Keys(dns));
        Assert.Null(answer.Record);
        Assert.StartsWith("DNS did not answer", answer.Outage, StringComparison.Ordinal);
    }

    [Fact]
    public void A_silent_server_is_an_outage_after_2_seconds()
    {
        using var dns = new TestDns { IsSilent = true };
        var started = TimeProvider.System.GetTimestamp();
        Assert.NotNull(Find(new DnsDkimKeys(DnsDkimKeys.Options(dns.Server), TimeProvider.System)).Outage);
        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 0.5, 60);
    }

    [Fact]
    public void A_cancelled_conversion_is_cancelled_and_no_outage()
    {
        using var dns = new TestDns { IsSilent = true };
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => Keys(dns).Find(Name, cancel.Token));
    }

    [Fact]
    public void An_answer_is_kept_for_its_time_to_live()
    {
        using var dns = new TestDns { Records = [["p=AA"]], Seconds = 300 };
        var keys = Keys(dns);
        Find(keys);
        _time.Advance(TimeSpan.FromSeconds(299));
        Find(keys);
        Assert.Equal(1, dns.Questions);
        _time.Advance(TimeSpan.FromSeconds(2));
        dns.Records = [["p=BB"]];
        Assert.Equal("p=BB", Find(keys).Record);
    }

    [Theory]
    [InlineData(0, 60)]
    [InlineData(int.MaxValue, 3600)]
    [InlineData(-1, 60)]
    public void A_time_to_live_is_bounded(int seconds, int kept)
    {
        using var dns = new TestDns { Records = [["p=AA"]], Seconds = seconds };
        var keys = Keys(dns);
        Find(keys);
        _time.Advance(TimeSpan.FromSeconds(kept - 1));
        Find(keys);
        Assert.Equal(1, dns.Questions);
        _time.Advance(TimeSpan.FromSeconds(2));
        Find(keys);
        Assert.Equal(2, dns.Questions);
    }

    [Fact]
    public void An_outage_is_asked_again_after_10_seconds()
    {
        using var dns = new TestDns { Code = 2 };
        var keys = Keys(dns);
        Find(keys);
        var questions = dns.Questions;
        Find(keys);
        Assert.Equal(questions, dns.Questions);
        _time.Advance(TimeSpan.FromSeconds(11));
        (dns.Code, dns.Records) = (0, [["p=AA"]]);
        Assert.Equal("p=AA", Find(keys).Record);
    }

    [Fact]
    public void The_cache_has_a_bound()
    {
        var cache = new DkimKeyCache(_time);
        for (var i = 0; i < DkimKeyCache.Most; i++)
            cache.Keep($"{i}", DkimKeyAnswer.None, TimeSpan.FromSeconds(i < 10 ? 1 : 100));
        _time.Advance(TimeSpan.FromSeconds(2));
        cache.Keep("a", DkimKeyAnswer.None, TimeSpan.FromSeconds(100));
        Assert.Null(cache.Find("1"));
        Assert.NotNull(cache.Find("11"));
        for (var i = 0; i < 10; i++)
            cache.Keep($"b{i}", DkimKeyAnswer.None, TimeSpan.FromSeconds(100));
        Assert.Null(cache.Find("11"));
        Assert.NotNull(cache.Find("b9"));
    }

    private static DkimKeyAnswer Find(DnsDkimKeys keys) => keys.Find(Name, TestContext.Current.CancellationToken);

    private DnsDkimKeys Keys(TestDns dns) => new(DnsDkimKeys.Options(dns.Server), _time);
}
