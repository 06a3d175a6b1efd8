using EmailIngestion.Mailboxes;
using Microsoft.Extensions.Time.Testing;
using Polly;
using Polly.CircuitBreaker;
using StackExchange.Redis;
using Xunit;
using Xunit.Sdk;

namespace EmailIngestion.Core.Tests;

public sealed class ImapPipelineTests
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    private readonly FakeTimeProvider _time = new();
    private readonly ResiliencePipeline _pipeline;

    public ImapPipelineTests() => _pipeline = ResiliencePipelines.Imap(_time, First, Longest);

    [Fact]
    public void After_a_failure_a_mailbox_is_left_alone_for_a_while_that_doubles()
    {
        for (var i = 0; i < 20; i++)
            Succeed();
        Fail();
        double[] minutes = [0.5, 1, 2, 4, 8, 15, 15, 15];
        Assert.Equal(minutes.Select(TimeSpan.FromMinutes), minutes.Select(_ => WaitAndTry(Fail)));
    }

    [Fact]
    public void The_very_first_failure_leaves_it_open_to_the_next_poll()
    {
        Fail();
        Succeed();
    }

    [Fact]
    public void A_success_in_between_starts_over()
    {
        Succeed();
        Fail();
        WaitAndTry(Fail);
        WaitAndTry(Succeed);
        Succeed();
        Fail();
        Assert.Equal(First, WaitAndTry(Fail));
    }

    [Fact]
    public void What_is_not_the_mailboxs_fault_does_not_count()
    {
        for (var i = 0; i < 10; i++)
        {
            Assert.Throws<OperationCanceledException>(() => _pipeline.Execute(() => throw new OperationCanceledException()));
            Assert.Throws<RedisException>(
                () => _pipeline.Execute(() => throw new RedisException("away")));
        }

        Succeed();
    }

    private void Succeed() => _pipeline.Execute(() => { });

    private void Fail() => Assert.Throws<MailboxException>(() => _pipeline.Execute(() => throw new MailboxException("no")));

    private TimeSpan WaitAndTry(Action poll)
    {
        var started = _time.GetTimestamp();
        while (_time.GetElapsedTime(started) < TimeSpan.FromHours(1))
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            try
            {
                poll();
                return _time.GetElapsedTime(started);
            }
            catch (Exception e) when (e is BrokenCircuitException or ThrowsException)
            {
                // Still left alone.
            }
        }

        throw new TimeoutException("It is never tried again.");
    }
}
