using System.Globalization;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Measures how long the fetch of large emails waits for the store of bodies. The mail server waits meanwhile, so a slow store looks like
/// a slow server, and must not be counted against the email.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class StoreWait(TimeProvider time)
{
    // Mail servers hang up on clients that read nothing.
    private static readonly TimeSpan Noticed = TimeSpan.FromSeconds(10);

    private TimeSpan _total;
    private TimeSpan _longest;
    private bool _isEndOfPoll;

    /// <summary>Says how long the poll has waited.</summary>
    public string Text => string.Create(
        CultureInfo.InvariantCulture, $"The store of bodies is slow: the poll has waited {_total.TotalSeconds:0} s for it.");

    /// <summary>Whether a wait for the store may be why the mail server has closed the connection on this email.</summary>
    public bool ExplainsCut => _longest >= Noticed;

    /// <summary>Whether the store may be why a poll has not ended within its deadline.</summary>
    public bool ExplainsDeadline(TimeSpan deadline) => _isEndOfPoll || _total >= deadline / 2;

    /// <summary>Begins another email.</summary>
    public void Begin() => _longest = TimeSpan.Zero;

    /// <summary>Waits for a call to the store, and throws what it throws.</summary>
    public void For(Task call, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        try
        {
            call.GetAwaiter().GetResult();
        }
        finally
        {
            var waited = time.GetElapsedTime(begun);
            _total += waited;
            _longest = waited > _longest ? waited : _longest;
            _isEndOfPoll |= cancellationToken.IsCancellationRequested;
        }
    }
}
