using System.Globalization;
using EmailIngestion.Integration.Tests.Consuming;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using EmailIngestion.Processing;
using EmailIngestion.Servers;
using EmailIngestion.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>
/// The steps of tests in which settled emails are followed up in the mailbox. Poller and consumer are processes of their own.
/// </summary>
internal static class FollowUpSteps
{
    /// <summary>Starts a process that polls the test's INBOX, and follows up what is settled at once.</summary>
    public static Task<WebApplication> StartFollowingAsync(
        this TestPartition partition,
        string afterProcessing,
        string afterDeadLetter = "Nothing",
        Action<LocalSettings>? change = null,
        LogLines? lines = null,
        TimeProvider? time = null) => partition.StartPollerAsync(
            settings =>
            {
                settings["Mailboxes:0:AfterProcessing"] = afterProcessing;
                settings["Mailboxes:0:AfterDeadLetter"] = afterDeadLetter;
                settings["Polling:FollowUpDelay"] = "00:00:00";
                change?.Invoke(settings);
            },
            services =>
            {
                if (lines is not null)
                    services.AddSingleton<ILoggerProvider>(lines);
                if (time is not null)
                    services.AddSingleton(time);
            });

    /// <summary>Polls the mailbox by another address of its server.</summary>
    public static void By(this LocalSettings settings, ImapRelay relay)
    {
        settings["Mailboxes:0:Host"] = "127.0.0.1";
        settings["Mailboxes:0:Port"] = relay.Port.ToString(CultureInfo.InvariantCulture);
        settings["Mailboxes:0:Security"] = "None";
        settings["Mailboxes:0:CertificateAuthority"] = null;
    }

    /// <summary>Starts a consumer without the settings of the mailbox. Emails with these UIDs become dead letters.</summary>
    public static Task<WebApplication> ConsumeAsync(this TestPartition partition, params uint[] failing) =>
        partition.StartConsumerAsync(new ProcessorScript((message, _) => failing.Contains(message.Uid)
            ? throw new PermanentFailureException("Never.")
            : Task.CompletedTask));

    /// <summary>The settings of a folder of the test's mail user.</summary>
    public static MailboxOptions MailboxOptions(this TestPartition partition, TestServers servers, string folder) => new()
    {
        Host = "127.0.0.1",
        Port = servers.Dovecot.Port,
        Security = MailboxSecurity.None,
        Username = partition.User,
        Password = TestPartition.Password,
        Folder = folder,
        Partition = partition.Name,
    };

    /// <summary>Polls once, and waits until everything is settled.</summary>
    public static async Task PollAndDrainAsync(this TestPartition partition, WebApplication poller)
    {
        await poller.PollAsync();
        await partition.DrainedAsync();
    }

    public static async Task PollTwiceAsync(this WebApplication poller)
    {
        await poller.PollAsync();
        await poller.PollAsync();
    }

    /// <summary>The notes that wait, as text.</summary>
    public static async Task<string[]> NotesAsync(this TestPartition partition)
    {
        var notes = await partition.Database.SortedSetRangeByRankAsync(partition.Keys.Notes(partition.Mailbox()));
        return [.. notes.Select(note => $"{note}")];
    }

    /// <summary>Adds notes as a consumer does, all at once.</summary>
    public static async Task NoteAsync(this TestPartition partition, NoteOutcome outcome, params IEnumerable<uint> uids)
    {
        var cursor = (await partition.CursorAsync())!;
        await partition.Database.SortedSetAddAsync(
            partition.Keys.Notes(partition.Mailbox()),
            [.. uids.Select(uid => new SortedSetEntry($"{(char)outcome}:{cursor.UidValidity}:{cursor.Epoch}:{uid}", 1))]);
    }

    /// <summary>The subjects in a folder; none when there is no such folder.</summary>
    public static async Task<string[]> SubjectsAsync(this MailUser user, string folder = "INBOX")
    {
        try
        {
            return [.. (await user.ReadAsync(folder)).Select(mail => mail.Raw).Texts().Select(Subject).Order(StringComparer.Ordinal)];
        }
        catch (MailKit.FolderNotFoundException)
        {
            return [];
        }
    }

    /// <summary>The subjects of <see cref="TestMail"/>.</summary>
    public static string[] Subjects(params IEnumerable<int> numbers) =>
        [.. numbers.Select(number => $"Mail {number}").Order(StringComparer.Ordinal)];

    private static string Subject(string text) =>
        text.Split("\r\n").First(line => line.StartsWith("Subject: ", StringComparison.Ordinal))["Subject: ".Length..];
}
