using EmailIngestion.Mailboxes.Imap;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

public sealed class FolderSuggestionTests
{
    [Theory]
    // Without and with the prefix of the namespace, with either delimiter.
    [InlineData("Sent Mail", '.', "INBOX.Sent Mail", "INBOX|INBOX.Drafts|INBOX.Sent Mail")]
    [InlineData("Sent Mail", '/', "INBOX/Sent Mail", "INBOX|INBOX/Sent Mail")]
    [InlineData("INBOX.Sent Mail", '/', "Sent Mail", "INBOX|Sent Mail")]
    [InlineData("INBOX/Sent Mail", '.', "INBOX.Sent Mail", "INBOX|INBOX.Sent Mail")]
    [InlineData("Work/2026", '.', "INBOX.Work.2026", "INBOX|INBOX.Work|INBOX.Work.2026|INBOX.Old.2026")]
    [InlineData("Sent Mail", '/', "[Gmail]/Sent Mail", "INBOX|[Gmail]/All Mail|[Gmail]/Sent Mail")]
    // A third delimiter.
    [InlineData("Work/Bills", '^', "Work^Bills", "INBOX|Work^Bills")]
    // Another case.
    [InlineData("sent mail", '/', "Sent Mail", "INBOX|Sent Mail|Sent Items")]
    [InlineData("büro", '/', "Büro", "INBOX|Büro")]
    // A typing error.
    [InlineData("Sent Mial", '/', "Sent Mail", "INBOX|Sent Items|Sent Mail")]
    [InlineData("Arhive", '.', "INBOX.Archive", "INBOX|INBOX.Archive|INBOX.Drafts")]
    [InlineData("INBX", '/', "INBOX", "INBOX|Sent")]
    // A part of the name.
    [InlineData("Sent", '/', "Sent Mail", "INBOX|Sent Mail|Drafts")]
    // The same path comes before a longer one, and a longer one before another case.
    [InlineData("bills", '/', "Bills", "Old/Bills|Bill|Bills")]
    [InlineData("Bills", '/', "Old/Bills", "Bill|Old/Bills")]
    // Nothing is near.
    [InlineData("Invoices", '/', null, "INBOX|Drafts|Trash")]
    [InlineData("...", '.', null, "INBOX|INBOX.Drafts")]
    public void The_nearest_folder_is_found(string wanted, char delimiter, string? nearest, string folders) =>
        Assert.Equal(nearest, NearestFolder.To(wanted, Names(folders.Split('|'), delimiter)));

    [Fact]
    public void A_server_without_levels_has_suggestions_too() =>
        Assert.Equal("Sent Mail", NearestFolder.To("sent mail", Names(["INBOX", "Sent Mail"], '\0')));

    [Fact]
    public void Without_folders_nothing_is_suggested() => Assert.Equal("", FolderSuggestion.For("Sent", []));

    [Fact]
    public void Twenty_folders_are_named_at_most_and_the_rest_is_counted()
    {
        var names = Enumerable.Range(10, 30).Select(i => $"F{i}");

        var text = FolderSuggestion.For("Invoices", Names(names, '/'));

        Assert.Equal($" It has {string.Join(", ", Enumerable.Range(10, 20).Select(i => $"'F{i}'"))} and 10 more.", text);
    }

    [Fact]
    public void Long_and_hostile_names_are_cut_and_cleaned()
    {
        string[] names = ["a\u001b[31m\nb\u202e" + new string('c', 100_000), "d" + new string('e', 100_000)];

        var text = FolderSuggestion.For("x", Names(names, '/'));

        Assert.StartsWith(" It has 'a b", text, StringComparison.Ordinal);
        Assert.InRange(text.Length, 1, 300);
        Assert.DoesNotContain(text, char.IsControl);
        Assert.DoesNotContain('\u202e', text);
    }

    [Fact]
    public void Very_many_names_cost_no_time()
    {
        var names = Names(Enumerable.Range(0, 40_000).Select(i => new string('a', 500) + i), '/');

        var text = FolderSuggestion.For(new string('b', 60_000), names);

        Assert.EndsWith("more.", text, StringComparison.Ordinal);
    }

    private static FolderName[] Names(IEnumerable<string> names, char delimiter) =>
        [.. names.Select(name => new FolderName(name, delimiter))];
}
