namespace EmailIngestion.Mailboxes;

/// <summary>
/// The parking that Redis had when somebody corrected the account: the first one that is read. It is known by its end, so no clock decides.
/// </summary>
internal sealed class EndedParking
{
    private readonly Lock _gate = new();
    private DateTimeOffset? _until;
    private bool _isKnown;

    /// <summary>Whether a parking that was read is this one. A later parking is another one, and counts.</summary>
    /// <param name="until">Its end; null for none.</param>
    public bool Is(DateTimeOffset? until)
    {
        lock (_gate)
        {
            if (!_isKnown)
                (_isKnown, _until) = (true, until);
            return _until == until;
        }
    }
}
