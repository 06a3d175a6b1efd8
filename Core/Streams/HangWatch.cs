namespace EmailIngestion.Streams;

/// <summary>
/// Notices a store that does not answer. Calls that hang one after the other are too rare for the rate of a circuit breaker: each takes its
/// whole time. After two without an answer between them, calls are refused, and one at a time tests the store.
/// </summary>
internal sealed class HangWatch(TimeProvider time)
{
    private const int Most = 2;

    private static readonly TimeSpan Break = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private int _hung;
    private long _since;
    private bool _testing;

    /// <summary>Whether a call may start. The caller then calls <see cref="Leave"/> at its end.</summary>
    /// <param name="isTest">Whether the call tests a store that hung.</param>
    /// <param name="wait">How long to wait otherwise.</param>
    public bool TryEnter(out bool isTest, out TimeSpan wait)
    {
        lock (_gate)
        {
            (isTest, wait) = (false, TimeSpan.Zero);
            if (_hung < Most)
                return true;
            wait = Break - time.GetElapsedTime(_since);
            if (wait > TimeSpan.Zero || _testing)
            {
                wait = wait > TimeSpan.Zero ? wait : Break;
                return false;
            }

            return isTest = _testing = true;
        }
    }

    /// <summary>Notes how a call ended that the store has answered, or has not in its time.</summary>
    public void Note(bool hung)
    {
        lock (_gate)
        {
            _hung = hung ? _hung + 1 : 0;
            if (hung)
                _since = time.GetTimestamp();
        }
    }

    /// <summary>Notes that a call has ended in any way.</summary>
    public void Leave(bool isTest)
    {
        lock (_gate)
            _testing &= !isTest;
    }
}
