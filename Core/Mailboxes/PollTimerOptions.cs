namespace EmailIngestion.Mailboxes;

/// <summary>The timer that calls the poller: <c>POLL_SCHEDULE</c>, and whether its function is switched off.</summary>
internal sealed class PollTimerOptions
{
    /// <summary>The name of the setting.</summary>
    public const string Setting = "POLL_SCHEDULE";

    /// <summary>The name of the function that the timer calls.</summary>
    public const string Function = "PollMailboxes";

    /// <summary>The schedule as it was given; empty: it is missing. Null: this host has no timer, its caller polls by itself.</summary>
    public string? Schedule { get; set; }

    /// <summary>The host leaves the function out, by <c>AzureWebJobs.PollMailboxes.Disabled</c>.</summary>
    public bool IsDisabled { get; set; }
}
