using System.Globalization;
using EmailIngestion.Mailboxes.FollowUps;
using EmailIngestion.Mailboxes.Imap;
using MailKit.Net.Imap;

namespace EmailIngestion.Mailboxes.Probing;

/// <summary>Probes an open connection: what the server can do, the folder, and what the first poll would read. Blocks.</summary>
internal sealed class FolderProbe(MailboxOptions options, ImapSession session)
{
    private static readonly (ImapCapabilities Capability, string Name)[] Interesting =
    [
        (ImapCapabilities.Idle, "IDLE"),
        (ImapCapabilities.CondStore, "CONDSTORE"),
        (ImapCapabilities.Move, "MOVE"),
        (ImapCapabilities.UidPlus, "UIDPLUS"),
        (ImapCapabilities.ESearch, "ESEARCH"),
    ];

    public string Capabilities()
    {
        var (has, lacks) = (Names(offered: true), Names(offered: false));
        return (has.Length > 0 ? $"has {has}" : "has none of them") + (lacks.Length > 0 ? $"; lacks {lacks}" : "");
    }

    public string Folder(CancellationToken cancellationToken)
    {
        session.OpenFolder(options.EffectiveFolder, cancellationToken);
        var (folder, next) = (session.Folder, session.Folder.UidNext?.ToString() ?? "unknown");
        return $"{options.EffectiveFolder} has {folder.Count} emails, UIDVALIDITY {folder.UidValidity}, next UID {next}";
    }

    public string FirstPoll(CancellationToken cancellationToken)
    {
        var exists = session.Folder.Count;
        var reads = options.StartFrom switch
        {
            "now" => 0,
            "all" => exists,
            var date => CountSince(DateOnly.ParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture), cancellationToken),
        };
        return $"StartFrom '{options.StartFrom}' reads {reads} of {exists} emails, and later ones, if the mailbox has no cursor yet";
    }

    /// <summary>Whether the server lets the account do what the settings say about settled emails. Null: they say nothing.</summary>
    /// <exception cref="MailboxException">It does not.</exception>
    public string? FollowUps(CancellationToken cancellationToken)
    {
        var checks = new ImapFollowUps(session, new ImapSearch(session));
        (string Setting, FollowUp Asked)[] all =
        [
            (nameof(options.AfterProcessing), FollowUp.Of(options.AfterProcessing)),
            (nameof(options.AfterDeadLetter), FollowUp.Of(options.AfterDeadLetter)),
        ];
        var found = all.Where(one => one.Asked != FollowUp.None)
            .Select(one => $"{one.Setting} '{one.Asked.Text}' {checks.Check(one.Asked, cancellationToken)}")
            .ToArray();
        return found.Length == 0 ? null : string.Join("; ", found);
    }

    private int CountSince(DateOnly day, CancellationToken cancellationToken)
    {
        var search = new ImapSearch(session);
        var found = search.Received(day, before: null, cancellationToken);
        return found.Count == 0 ? 0 : search.After(found.Min() - 1, cancellationToken).Count;
    }

    private string Names(bool offered) => string.Join(
        ", ", Interesting.Where(one => session.Capabilities.HasFlag(one.Capability) == offered).Select(one => one.Name));
}
