using System.Globalization;
using EmailIngestion.Redis;
using Polly;
using Polly.CircuitBreaker;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// The imap pipeline, one circuit a mailbox: from the second failure in a row on, the mailbox is left alone for a while that doubles; when
/// its server throttles us, at once and for as long as it says.
/// </summary>
internal sealed class MailboxCircuit
{
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromMinutes(15);

    // When it does not say.
    private static readonly TimeSpan Throttled = TimeSpan.FromMinutes(5);

    private readonly TimeProvider _time;
    private readonly CircuitBreakerManualControl _control = new();
    private readonly ResiliencePipeline _pipeline;
    private DateTimeOffset _throttledUntil;
    private DateTimeOffset _brokenUntil;
    private int _failures;

    public MailboxCircuit(TimeProvider time)
    {
        _time = time;
        _pipeline = ImapPipeline.Create(time, FirstBackOff, LongestBackOff, _control, duration => _brokenUntil = time.GetUtcNow() + duration);
    }

    /// <summary>Until when the mailbox is left alone and why, as "until 12:34:56 UTC after 3 failures"; null: it is not.</summary>
    public string? BackingOff
    {
        get
        {
            var until = _brokenUntil > _throttledUntil ? _brokenUntil : _throttledUntil;
            return until <= _time.GetUtcNow()
                ? null
                : string.Create(CultureInfo.InvariantCulture, $"until {until:HH:mm:ss} UTC after {_failures} {(_failures == 1 ? "failure" : "failures")}");
        }
    }

    /// <exception cref="BrokenCircuitException">The mailbox is left alone now.</exception>
    public async Task<PollResult> ExecuteAsync(Func<CancellationToken, Task<PollResult>> poll, CancellationToken cancellationToken)
    {
        if (_time.GetUtcNow() < _throttledUntil)
            throw new BrokenCircuitException();
        PollResult result;
        try
        {
            result = await _pipeline.ExecuteAsync(async token => await poll(token), cancellationToken);
        }
        catch (MailboxThrottledException e)
        {
            _failures++;
            _throttledUntil = _time.GetUtcNow() + (e.BackOff ?? Throttled);
            throw;
        }
        catch (Exception e) when (e is not (BrokenCircuitException or OperationCanceledException) && !RedisOutage.Is(e))
        {
            _failures++;
            throw;
        }

        // Polly counts what part of all polls failed in a time; forgetting those before each success makes it failures in a row.
        if (result.End == PollEnd.Elsewhere)
            return result;
        (_failures, _brokenUntil) = (0, default);
        await _control.CloseAsync(CancellationToken.None);
        return result;
    }
}
