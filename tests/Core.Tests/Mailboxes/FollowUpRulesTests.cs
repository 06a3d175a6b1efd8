using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.FollowUps;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

public sealed class FollowUpRulesTests
{
    [Theory]
    [InlineData("Nothing", "Nothing")]
    [InlineData("", "Nothing")]
    [InlineData(" markseen ", "MarkSeen")]
    [InlineData("Flag:Processed", "Flag:Processed")]
    [InlineData(@"Flag:\Flagged", @"Flag:\Flagged")]
    [InlineData("Flag:$Done", "Flag:$Done")]
    [InlineData("Move: Done / 2026", "Move:Done / 2026")]
    [InlineData("Move:[Gmail]/Trash", "Move:[Gmail]/Trash")]
    [InlineData("Move:inbox", "Move:INBOX")]
    [InlineData("delete", "Delete")]
    public void AValidSettingIsRead(string setting, string expected)
    {
        var (followUp, fault) = FollowUp.Parse(setting);

        Assert.Null(fault);
        Assert.Equal(expected, followUp!.Text);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("Archive")]
    [InlineData("Move")]
    [InlineData("Move:")]
    [InlineData("Move:a\nb")]
    [InlineData("Flag:")]
    [InlineData("Flag:two words")]
    [InlineData("Flag:(x)")]
    [InlineData("Flag:für")]
    [InlineData(@"Flag:\Deleted")]
    [InlineData(@"Flag:\Seen")]
    [InlineData("MarkSeen:x")]
    [InlineData("Delete,MarkSeen")]
    public void AnInvalidSettingIsAFaultThatNamesIt(string setting)
    {
        Assert.NotNull(FollowUp.Parse(setting).Fault);
        var fault = Assert.Single(FollowUpRules.Faults([Mailbox("INBOX", after: setting)]));
        Assert.StartsWith("Mailboxes:0:AfterProcessing ", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void AMoveIntoTheFolderOfTheEmailsIsAFault() =>
        Assert.Contains(
            "Mailboxes:0:AfterDeadLetter moves emails to 'INBOX', the folder in which they are",
            Assert.Single(FollowUpRules.Faults([Mailbox("Inbox", dead: "Move:inbox")])),
            StringComparison.Ordinal);

    [Fact]
    public void AMoveIntoAFolderThatIsPolledIsAFault() =>
        Assert.Contains(
            "Mailboxes:0:AfterProcessing moves emails to 'Done', which Mailboxes:1 polls",
            Assert.Single(FollowUpRules.Faults([Mailbox("INBOX", after: "Move:Done"), Mailbox("Done")])),
            StringComparison.Ordinal);

    [Fact]
    public void TheSameFolderOfAnotherAccountMayBePolled()
    {
        var other = Mailbox("Done");
        other.Username = "other@example.test";

        Assert.Empty(FollowUpRules.Faults([Mailbox("INBOX", after: "Move:Done"), other]));
    }

    private static MailboxOptions Mailbox(string folder, string after = "Nothing", string dead = "Nothing") => new()
    {
        Username = "me@example.test",
        Folder = folder,
        AfterProcessing = after,
        AfterDeadLetter = dead,
    };
}
