namespace EmailIngestion.Redis;

/// <summary>Tells whether a loop fails otherwise than before, so that each fault is logged once and an outage hides no other.</summary>
internal sealed class FailureChange
{
    private (RedisFailure Kind, Type? Type)? _last;

    /// <summary>The last try failed.</summary>
    public bool IsFailing => _last is not null;

    /// <summary>Notes a failure. True when the one before was of another kind, or there was none.</summary>
    public bool Note(Exception error)
    {
        var kind = RedisErrors.KindOf(error);
        // Of our own faults each type is one of its own.
        (RedisFailure Kind, Type? Type) now = (kind, kind == RedisFailure.NotRedis ? error.GetType() : null);
        var changed = _last != now;
        _last = now;
        return changed;
    }

    /// <summary>It works again.</summary>
    public void Clear() => _last = null;
}
