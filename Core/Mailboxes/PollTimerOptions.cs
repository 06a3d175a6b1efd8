namespace EmailIngestion.Mailboxes;

/// <summary>The timer of the poller: <c>POLL_SCHEDULE</c>, and whether its function is disabled.</summary>
internal sealed class PollTimerOptions
{
    /// <summary>The name of the setting.</summary>
    public const string Setting = "POLL_SCHEDULE";

    /// <summary>The name of the timer's function.</summary>
    public const string Function = "PollMailboxes";

    /// <summary>The schedule; empty when the setting is missing. Null: this host has no timer, and its caller starts the polls.</summary>
    public string? Schedule { get; set; }

    /// <summary>Whether the function is disabled, by <c>AzureWebJobs.PollMailboxes.Disabled</c>.</summary>
    public bool IsDisabled { get; set; }
}
