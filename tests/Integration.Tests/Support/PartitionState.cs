using System.Text;
using EmailIngestion.Messages;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>Reads the content of a test's partition.</summary>
internal static class PartitionState
{
    /// <summary>Returns the emails in the stream, in order, with their messages.</summary>
    public static async Task<IReadOnlyList<EmailMessage>> EmailsAsync(this TestPartition partition)
    {
        var emails = new List<EmailMessage>();
        foreach (var entry in await partition.Database.StreamRangeAsync(partition.Keys.Stream))
        {
            var (message, malformed) = EntryCodec.Decode(entry.Values, out var body);
            if (message is null)
                throw new InvalidOperationException(malformed);
            emails.Add(body is null
                ? message
                : message with { Raw = await partition.Partition.GuardedBodies.ReadAsync(body, TestContext.Current.CancellationToken) });
        }

        return emails;
    }

    public static async Task<MailboxCursor?> CursorAsync(this TestPartition partition, string folder = "INBOX") =>
        await partition.Partition.Stream.Mailboxes.ReadCursorAsync(partition.Mailbox(folder), TestContext.Current.CancellationToken);

    /// <summary>The name of the mailbox of this test's user.</summary>
    public static string Mailbox(this TestPartition partition, string folder = "INBOX") => $"{partition.User}/{folder}";

    /// <summary>Returns the error that the status shows for a mailbox.</summary>
    public static async Task<string?> ErrorAsync(this TestPartition partition, string mailbox) =>
        (await partition.ReadSnapshotAsync()).Mailboxes.Single(seen => seen.Name == mailbox).Error;

    public static Task<StreamSnapshot> ReadSnapshotAsync(this TestPartition partition) =>
        partition.Partition.Inspector.ReadSnapshotAsync(details: true, TestContext.Current.CancellationToken);

    public static Task<IReadOnlyList<DeadLetter>> DeadLettersAsync(this TestPartition partition) =>
        partition.Partition.DeadLetters.ListAsync(1_000, null, null, null, TestContext.Current.CancellationToken);

    public static async Task<string> RawTextAsync(this TestPartition partition, DeadLetter deadLetter) =>
        Encoding.UTF8.GetString(
            (await partition.Partition.DeadLetters.FindRawAsync(deadLetter.Id, TestContext.Current.CancellationToken))!.Value.Span);

    /// <summary>Converts messages to text, so that collections of them can be compared.</summary>
    public static IReadOnlyList<string> Texts(this IEnumerable<EmailMessage> emails) => Texts(emails.Select(email => email.Raw.ToArray()));

    public static IReadOnlyList<string> Texts(this IEnumerable<byte[]> mails) => [.. mails.Select(Encoding.Latin1.GetString)];

    /// <summary>Returns the messages in the archive, one for each file.</summary>
    public static IReadOnlyList<string> ArchivedTexts(this TestPartition partition) =>
        Texts(partition.ArchivedFiles("*.eml").Select(File.ReadAllBytes));

    public static string[] ArchivedFiles(this TestPartition partition, string pattern) =>
        Directory.Exists(partition.Archive) ? Directory.GetFiles(partition.Archive, pattern, SearchOption.AllDirectories) : [];
}
