using EmailIngestion.Mailboxes.FollowUps;

namespace EmailIngestion.Faults.FollowUps;

/// <summary>Where an email is in its account, and its flags.</summary>
/// <param name="Folder">The folder; empty when the email is deleted.</param>
/// <param name="Flags">The flags and keywords in order, without <c>\Recent</c>.</param>
internal sealed record EmailPlace(string Folder, string Flags)
{
    /// <summary>The place of an email that was not followed up.</summary>
    public static EmailPlace Untouched { get; } = new(MailboxPlan.Inbox, "");

    public static EmailPlace Deleted { get; } = new("", "");

    public static string FlagsOf(IEnumerable<string> flags) => string.Join(' ', flags.Order(StringComparer.Ordinal));

    /// <summary>The place after a follow-up. An email that has left the inbox is not found.</summary>
    public EmailPlace After(FollowUp followUp) => Folder != MailboxPlan.Inbox ? this : followUp.Kind switch
    {
        FollowUpKind.MarkSeen => With(@"\Seen"),
        FollowUpKind.Flag => With(followUp.Argument),
        FollowUpKind.Move => this with { Folder = followUp.Argument },
        FollowUpKind.Delete => Deleted,
        _ => this,
    };

    public override string ToString() => this == Deleted ? "deleted" : $"in {Folder}{(Flags.Length > 0 ? $" with {Flags}" : "")}";

    private EmailPlace With(string flag) =>
        this with { Flags = FlagsOf(Flags.Split(' ', StringSplitOptions.RemoveEmptyEntries).Append(flag).Distinct()) };
}
