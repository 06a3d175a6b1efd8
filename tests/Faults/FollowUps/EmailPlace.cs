using EmailIngestion.Mailboxes.FollowUps;

namespace EmailIngestion.Faults.FollowUps;

/// <summary>Where an email is in its account, and its flags.</summary>
/// <param name="Folder">The folder; empty when the email is deleted.</param>
/// <param name="Flags">The flags and keywords in order, without <c>\Recent</c>.</param>
/// <param name="Copy">The place of its copy, when it also stays in the inbox; null otherwise.</param>
internal sealed record EmailPlace(string Folder, string Flags, EmailPlace? Copy = null)
{
    /// <summary>The place of an email that was not followed up.</summary>
    public static EmailPlace Untouched { get; } = new(MailboxPlan.Inbox, "");

    private const string DeletedFlag = @"\Deleted";

    public static EmailPlace Deleted { get; } = new("", "");

    public static string FlagsOf(IEnumerable<string> flags) => string.Join(' ', flags.Order(StringComparer.Ordinal));

    /// <summary>The place after a follow-up. An email that has left the inbox is not found.</summary>
    /// <param name="followUp">The follow-up.</param>
    /// <param name="stays">Whether the server cannot remove an email by its UID.</param>
    public EmailPlace After(FollowUp followUp, bool stays) => Folder != MailboxPlan.Inbox ? this : followUp.Kind switch
    {
        // It counts as copied.
        FollowUpKind.Move when stays && IsLeftDeleted => this,
        FollowUpKind.Move when stays => With(DeletedFlag) with { Copy = CopyIn(followUp.Argument) },
        FollowUpKind.Delete when stays => With(DeletedFlag),
        FollowUpKind.MarkSeen => With(@"\Seen"),
        FollowUpKind.Flag => With(followUp.Argument),
        FollowUpKind.Move => this with { Folder = followUp.Argument },
        FollowUpKind.Delete => Deleted,
        _ => this,
    };

    /// <summary>The places in the middle of a follow-up that takes several commands.</summary>
    /// <param name="followUp">The follow-up.</param>
    /// <param name="copies">Whether the server cannot move.</param>
    /// <param name="stays">Whether it cannot remove an email by its UID. The last command is then the flag.</param>
    public IEnumerable<EmailPlace> Amid(FollowUp followUp, bool copies, bool stays)
    {
        if (Folder != MailboxPlan.Inbox)
            yield break;
        if (followUp.Kind == FollowUpKind.Delete && !stays)
            yield return With(DeletedFlag);
        if (followUp.Kind != FollowUpKind.Move || !copies)
            yield break;
        var copied = this with { Copy = CopyIn(followUp.Argument) };
        yield return copied;
        if (!stays)
            yield return copied.With(DeletedFlag);
    }

    public override string ToString() => this == Deleted ? "deleted" : $"in {Folder}{(Flags.Length > 0 ? $" with {Flags}" : "")}"
        + (Copy is null ? "" : $" and {Copy}");

    private bool IsLeftDeleted => Flags.Contains(DeletedFlag, StringComparison.Ordinal);

    private EmailPlace CopyIn(string folder) => this with { Folder = folder, Copy = null };

    private EmailPlace With(string flag) =>
        this with { Flags = FlagsOf(Flags.Split(' ', StringSplitOptions.RemoveEmptyEntries).Append(flag).Distinct()) };
}
