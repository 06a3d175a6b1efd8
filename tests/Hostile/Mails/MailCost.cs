namespace EmailIngestion.Hostile.Mails;

/// <summary>The cost of one email for the process that converted it.</summary>
/// <param name="Milliseconds">Processor time, in milliseconds.</param>
/// <param name="Reference">Processor time of the fixed reference work, in milliseconds.</param>
/// <param name="PeakBytes">Peak memory above the memory before the email was made. The email is included.</param>
/// <param name="HeaderMilliseconds">The fastest of twenty or more readings of the headers that the poller needs.</param>
/// <param name="Outcome">The content, or the limit that the email exceeds.</param>
internal sealed record MailCost(double Milliseconds, double Reference, long PeakBytes, double HeaderMilliseconds, string Outcome);
