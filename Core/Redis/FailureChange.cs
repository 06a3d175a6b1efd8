namespace EmailIngestion.Redis;

/// <summary>
/// Detects when the kind of a loop's failure changes, so that each fault is logged once and an outage hides no other fault.
/// </summary>
internal sealed class FailureChange
{
    private (RedisFailure Kind, Type? Type)? _last;

    /// <summary>The last attempt failed.</summary>
    public bool IsFailing => _last is not null;

    /// <summary>Notes a failure. True when the failure before it was of another kind, or there was none.</summary>
    public bool Note(Exception error)
    {
        var kind = RedisErrors.KindOf(error);
        // Faults of this program are distinguished by their exception type, and a refused sign-in from an outage.
        var type = kind == RedisFailure.NotRedis || error is RedisSignInException ? error.GetType() : null;
        (RedisFailure Kind, Type? Type) now = (kind, type);
        var changed = _last != now;
        _last = now;
        return changed;
    }

    /// <summary>The loop works again.</summary>
    public void Clear() => _last = null;
}
