namespace EmailIngestion.Streams;

/// <summary>Measures how long a run waits for memory that other emails have. That time says nothing about its email.</summary>
internal sealed class RoomWatch(TimeProvider time)
{
    private readonly Lock _gate = new();
    private int _waiting;
    private long _since;
    private TimeSpan _waited;

    /// <summary>Whether a thread of the run waits now.</summary>
    public bool IsWaiting
    {
        get
        {
            lock (_gate)
                return _waiting > 0;
        }
    }

    /// <summary>The time in which at least one thread has waited.</summary>
    public TimeSpan Waited
    {
        get
        {
            lock (_gate)
                return _waiting > 0 ? _waited + time.GetElapsedTime(_since) : _waited;
        }
    }

    /// <summary>Runs a wait.</summary>
    public T Run<T>(Func<T> wait)
    {
        lock (_gate)
        {
            if (_waiting++ == 0)
                _since = time.GetTimestamp();
        }

        try
        {
            return wait();
        }
        finally
        {
            lock (_gate)
            {
                if (--_waiting == 0)
                    _waited += time.GetElapsedTime(_since);
            }
        }
    }
}
