using EmailIngestion.Local.Commands.Operating.Answers;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary>Shows dead letters. Their texts come from mail.</summary>
internal static class DeadLetterView
{
    private const int ShownMailboxes = 3;

    public static IRenderable Of(DeadLettersAnswer page)
    {
        if (page.DeadLetters.Count == 0)
            return new Rows([new Text("There are no dead letters of this kind."), .. ShownMore.After(page.After)]);
        var table = ShownTable.Of(
            ShownTable.Names("id"), ShownTable.Names("failed (UTC)"), ShownTable.Texts("mailbox, subject, sender"),
            ShownTable.Texts("reason, error"));
        foreach (var deadLetter in page.DeadLetters)
        {
            table.AddRow(
                ShownText.Cell(deadLetter.Id),
                new Text(ShownText.Time(deadLetter.LastFailure)),
                ShownText.Cell(deadLetter.Mailbox, deadLetter.Subject, deadLetter.From),
                ShownText.Cell(deadLetter.Reason, deadLetter.ErrorMessage));
        }

        return new Rows([table, .. ShownMore.After(page.After)]);
    }

    public static IRenderable Of(GroupsAnswer groups)
    {
        if (groups.Groups.Count == 0)
            return new Text("There are no dead letters.\n");
        var table = ShownTable.Of(
            ShownTable.Numbers("count"), ShownTable.Names("fingerprint"), ShownTable.Names("last (UTC)"),
            ShownTable.Texts("reason, error"), ShownTable.Texts("mailboxes"));
        foreach (var group in groups.Groups)
        {
            table.AddRow(
                new Text(ShownText.Number(group.Count)),
                ShownText.Cell(group.Fingerprint),
                new Text(ShownText.Time(group.Last)),
                ShownText.Cell($"{group.Reason} {group.ErrorType}", group.Error),
                ShownText.Cell(Mailboxes(group)));
        }

        return new Rows([
            table,
            new Text(
                $"{ShownText.Count(groups.Total, "group")}. `dlq list --fingerprint F` lists one, "
                + "`dlq replay --fingerprint F` replays it."),
            .. ShownMore.After(groups.After),
        ]);
    }

    public static IRenderable Of(DeadLetterAnswer deadLetter)
    {
        var fields = ShownTable.Fields(
        [
            ("ID", deadLetter.Id),
            ("Mailbox", deadLetter.Mailbox),
            ("UID", deadLetter.Uid is { } uid ? $"{uid} (UIDVALIDITY {deadLetter.UidValidity})" : null),
            ("From", deadLetter.From),
            ("Subject", deadLetter.Subject),
            ("Date", deadLetter.Date),
            ("Message-ID", deadLetter.MessageId),
            ("Size", deadLetter.Size is { } size ? $"{ShownText.Bytes(size)}, kept: {deadLetter.Body}" : deadLetter.Body),
            ("Email id", deadLetter.EmailId),
            ("Entry", deadLetter.EntryId),
            ("First failure", $"{ShownText.Time(deadLetter.FirstFailure)} UTC"),
            ("Last failure", $"{ShownText.Time(deadLetter.LastFailure)} UTC"),
            ("Deliveries", deadLetter.DeliveryCount is { } count ? ShownText.Number(count) : null),
            ("Replays", deadLetter.Replays is { } replays ? ShownText.Number(replays) : null),
            ("Consumer", deadLetter.Consumer),
            ("Fingerprint", deadLetter.Fingerprint),
            ("Reason", deadLetter.Reason),
            ("Error", $"{deadLetter.ErrorType}: {deadLetter.ErrorMessage}"),
        ]);
        return string.IsNullOrEmpty(deadLetter.StackTrace)
            ? fields
            : new Rows(fields, Text.Empty, ShownText.Lines(deadLetter.StackTrace));
    }

    private static string Mailboxes(GroupAnswer group)
    {
        var shown = group.Mailboxes.Take(ShownMailboxes).Select(mailbox => $"{mailbox.Name} ({ShownText.Number(mailbox.Count)})");
        var more = group.Mailboxes.Count - ShownMailboxes;
        return string.Join(", ", shown) + (more > 0 ? $" and {more} more" : "");
    }
}
