namespace EmailIngestion.Faults;

/// <summary>One effect of an email at the receiver.</summary>
internal sealed record Effect(string Mailbox, uint Uid, int Number, string EmailId, string Worker, DateTimeOffset At)
{
    /// <summary>
    /// The first time after this effect at which Redis was seen to know the email as processed: the latest time of the settle. Null when it
    /// was never seen.
    /// </summary>
    public DateTimeOffset? Settled { get; set; }
}
