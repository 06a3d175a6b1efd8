using EmailIngestion.Mailboxes;
using Microsoft.Extensions.Time.Testing;
using Polly.CircuitBreaker;
using StackExchange.Redis;
using Xunit;
using Xunit.Sdk;

namespace EmailIngestion.Core.Tests.Mailboxes;

public sealed class MailboxCircuitTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly MailboxCircuit _circuit;

    public MailboxCircuitTests() => _circuit = new MailboxCircuit(_time);

    [Fact]
    public async Task From_the_second_failure_in_a_row_on_a_mailbox_is_left_alone_for_a_while_that_doubles()
    {
        for (var i = 0; i < 20; i++)
            await SucceedAsync();
        await FailAsync();
        await FailAsync();
        double[] minutes = [0.5, 1, 2, 4, 8, 15, 15, 15];
        foreach (var expected in minutes)
            Assert.Equal(TimeSpan.FromMinutes(expected), await WaitAndTryAsync(FailAsync));
    }

    [Fact]
    public async Task A_single_failure_leaves_it_open_to_the_next_poll()
    {
        await SucceedAsync();
        await FailAsync();
        await SucceedAsync();
        await FailAsync();
        await SucceedAsync();
    }

    [Fact]
    public async Task A_success_in_between_starts_over()
    {
        await FailAsync();
        await FailAsync();
        await WaitAndTryAsync(FailAsync);
        await WaitAndTryAsync(SucceedAsync);
        await FailAsync();
        await FailAsync();
        Assert.Equal(TimeSpan.FromSeconds(30), await WaitAndTryAsync(FailAsync));
    }

    [Fact]
    public async Task What_is_not_the_mailboxs_fault_does_not_count()
    {
        for (var i = 0; i < 10; i++)
        {
            await Assert.ThrowsAsync<OperationCanceledException>(() => PollAsync(new OperationCanceledException()));
            await Assert.ThrowsAsync<RedisException>(() => PollAsync(new RedisException("away")));
        }

        await SucceedAsync();
    }

    private Task SucceedAsync() => PollAsync(null);

    private Task FailAsync() => Assert.ThrowsAsync<MailboxException>(() => PollAsync(new MailboxException("no")));

    private Task<PollResult> PollAsync(Exception? error) => _circuit.ExecuteAsync(
        _ => error is null ? Task.FromResult(new PollResult(PollEnd.Complete)) : Task.FromException<PollResult>(error), CancellationToken.None);

    private async Task<TimeSpan> WaitAndTryAsync(Func<Task> poll)
    {
        var started = _time.GetTimestamp();
        while (_time.GetElapsedTime(started) < TimeSpan.FromHours(1))
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            try
            {
                await poll();
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
