namespace EmailIngestion.Hostile.Mails;

/// <summary>What one mail cost the process that converted it.</summary>
/// <param name="Milliseconds">Processor time.</param>
/// <param name="Reference">Processor time of the fixed work beside it, in milliseconds.</param>
/// <param name="PeakBytes">Memory at its peak, the mail included, beyond what there was before it was made.</param>
/// <param name="HeaderMilliseconds">The fastest of twenty readings of the few headers that the poller needs.</param>
/// <param name="Outcome">Converted, or the limit that it exceeds.</param>
internal sealed record MailCost(double Milliseconds, double Reference, long PeakBytes, double HeaderMilliseconds, string Outcome);
