using EmailIngestion.Mailboxes.Imap;

namespace EmailIngestion.Mailboxes.FollowUps;

/// <summary>Checks what the mailboxes say about emails after their outcome.</summary>
internal static class FollowUpRules
{
    /// <summary>Returns the faults of all mailboxes.</summary>
    public static IEnumerable<string> Faults(IReadOnlyList<MailboxOptions> mailboxes)
    {
        foreach (var (index, mailbox) in mailboxes.Index())
        {
            var setting = mailbox.Setting ?? $"Mailboxes:{index}";
            foreach (var fault in Faults($"{setting}:{nameof(MailboxOptions.AfterProcessing)}", mailbox.AfterProcessing, mailbox, mailboxes)
                .Concat(Faults($"{setting}:{nameof(MailboxOptions.AfterDeadLetter)}", mailbox.AfterDeadLetter, mailbox, mailboxes)))
                yield return fault;
        }
    }

    private static IEnumerable<string> Faults(
        string setting, string? value, MailboxOptions mailbox, IReadOnlyList<MailboxOptions> mailboxes)
    {
        var (followUp, fault) = FollowUp.Parse(value);
        if (fault is not null)
        {
            yield return $"{setting} {fault}";
            yield break;
        }

        if (followUp!.Kind != FollowUpKind.Move)
            yield break;
        // A poll of the target would append the email again.
        foreach (var (index, other) in mailboxes.Index())
        {
            if (ServerAccount.Of(other) != ServerAccount.Of(mailbox) || other.EffectiveFolder != followUp.Argument)
                continue;
            yield return ReferenceEquals(other, mailbox)
                ? $"{setting} moves emails to '{followUp.Argument}', the folder in which they are. Name another folder."
                : $"{setting} moves emails to '{followUp.Argument}', which {other.Setting ?? $"Mailboxes:{index}"} polls: "
                    + "they would be processed again. Name a folder that is not polled.";
        }
    }
}
