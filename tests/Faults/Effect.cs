namespace EmailIngestion.Faults;

/// <summary>One effect of an email at the receiver.</summary>
/// <param name="Sent">The time of the request, in whole seconds.</param>
internal sealed record Effect(
    string Mailbox, uint Uid, int Number, string EmailId, string Worker, DateTimeOffset At, DateTimeOffset Sent)
{
    /// <summary>
    /// The first time after this effect at which Redis was seen to know the email as processed: the latest time of the settle. Null when it
    /// was never seen.
    /// </summary>
    public DateTimeOffset? Settled { get; set; }

    /// <summary>When the answer was written. Null when it never was.</summary>
    public DateTimeOffset? Answered { get; set; }
}
