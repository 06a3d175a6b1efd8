using System.Text.Json;
using EmailIngestion.Local.Hosting;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>The file of mailboxes of one test.</summary>
internal sealed class MailboxesJson
{
    private readonly TestPartition _partition;

    public MailboxesJson(TestPartition partition, LocalSettings settings)
    {
        (_partition, Path) = (partition, System.IO.Path.Combine(partition.Folder, "mailboxes.json"));
        settings["MAILBOXES_FILE"] = Path;
        Write("[]");
    }

    public string Path { get; }

    /// <summary>Replaces the content, as a person does with an editor.</summary>
    public void Write(string text)
    {
        File.WriteAllText($"{Path}.new", text);
        File.Move($"{Path}.new", Path, overwrite: true);
    }

    public void Write(params IEnumerable<Dictionary<string, string?>> mailboxes) => Write(JsonSerializer.Serialize(mailboxes));

    /// <summary>A mailbox of the test's user on the real Dovecot, with changes.</summary>
    public Dictionary<string, string?> Mailbox(string folder, params (string Name, string? Value)[] changes)
    {
        var settings = new LocalSettings();
        _partition.AddMailbox(settings, folder);
        var mailbox = settings.Mailboxes()[0];
        foreach (var (name, value) in changes)
            mailbox[name] = value;
        return mailbox;
    }
}
