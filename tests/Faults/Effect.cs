namespace EmailIngestion.Faults;

/// <summary>The receiver has done what an email is for.</summary>
internal sealed record Effect(string Mailbox, uint Uid, int Number, string EmailId, string Worker, DateTimeOffset At);
