namespace EmailIngestion.Faults;

/// <summary>The receiver has done what an email is for.</summary>
internal sealed record Effect(string Mailbox, uint Uid, int Number, string EmailId, string Worker, DateTimeOffset At)
{
    /// <summary>When Redis was first seen to remember the email as processed, after this effect: it was settled by then at the latest. Null: never.</summary>
    public DateTimeOffset? Settled { get; set; }
}
