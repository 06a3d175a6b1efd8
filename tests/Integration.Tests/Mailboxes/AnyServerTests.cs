using System.Text;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using MailKit;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>
/// Tests that pass on every mail server: on the run's Dovecot, and on the one that TEST_IMAP_PORT names (tests/servers.sh).
/// </summary>
public sealed class AnyServerTests(TestServers servers)
{
    private const int FiveMegabytes = 5 * 1024 * 1024;

    private static readonly byte[] Ordinary = TestMail.Of(1);

    // A server may refuse an email or change it. The stored bytes must arrive.
    private static readonly byte[][] Odd =
    [
        "Subject: bare line feeds\nFrom: sender@example.org\n\nBody.\nMore.\n"u8.ToArray(),
        "Subject: no final newline\r\nFrom: sender@example.org\r\n\r\nThe end"u8.ToArray(),
        "Subject: mixed\r\nFrom: sender@example.org\r\n\r\nOne.\nTwo.\rThree.\r\n"u8.ToArray(),
        [.. "Subject: bytes\r\nContent-Transfer-Encoding: binary\r\n\r\n"u8, 0x00, 0x01, 0x7f, 0x1a, 0x00, .. "\r\n"u8],
        [.. "Subject: control\r\n\r\n"u8, 0x01, 0x02, 0x1b, 0x7f, 0x0c, .. "\r\n"u8],
        [.. "Subject: "u8, 0xe4, 0xf6, 0xfc, 0xff, .. "\r\nFrom: sender@example.org\r\n\r\nHeaders of eight bits.\r\n"u8],
        "\r\nNo header.\r\n"u8.ToArray(),
        "No header, no colon.\r\n"u8.ToArray(),
        Encoding.ASCII.GetBytes($"Subject: {new string('s', 3_000)}\r\n\r\n{new string('l', 70_000)}\r\n"),
    ];

    // Emails that every server must store unchanged (RFC 3501, 6.3.11: an RFC 2822 message; 8-bit text is permitted).
    private static readonly byte[][] Kept =
    [
        Ordinary,
        "Subject: empty body\r\nFrom: sender@example.org\r\n\r\n"u8.ToArray(),
        [
            .. "Subject: eight bits\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\n"u8,
            0xe4, 0xf6, 0xfc, 0xdf, 0xff, 0x80, .. "\r\n"u8,
        ],
        "Subject: dots\r\nFrom: sender@example.org\r\n\r\n.\r\n..\r\n.x\r\nFrom the start\r\n>From\r\n"u8.ToArray(),
        Ordinary,
    ];

    [Fact]
    public async Task The_emails_of_the_server_are_archived_byte_for_byte()
    {
        await using var test = await TestFolder.CreateAsync(servers);
        foreach (var raw in Odd)
        {
            if (await test.Imap.TryAppendAsync(test.Name, raw) is { } refusal)
                TestContext.Current.SendDiagnosticMessage($"{Encoding.Latin1.GetString(raw)[..20].ReplaceLineEndings(" ")}: {refusal}");
        }

        await test.Imap.AppendAsync(test.Name, Kept);
        var stored = await test.Imap.ReadAsync(test.Name);
        Assert.Equal(Kept.Texts(), stored.TakeLast(Kept.Length).Select(mail => mail.Raw).Texts());
        var host = await test.Partition.StartHostAsync(test.Settings(consumes: true));

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: stored.Count), await host.PollAsync());
        await Eventually.TrueAsync(async () => (await test.Partition.ReadSnapshotAsync()).Depth == 0, "all is processed");

        Assert.Equal(
            stored.Select(mail => mail.Raw).Texts().Order(StringComparer.Ordinal),
            test.Partition.ArchivedTexts().Order(StringComparer.Ordinal));
        Assert.Empty(await test.Partition.DeadLettersAsync());
        Assert.All(await test.Imap.ReadAsync(test.Name), mail => Assert.Equal(MessageFlags.None, mail.Flags));
    }

    [Fact]
    public async Task Mail_of_five_megabytes_arrives_unchanged()
    {
        await using var test = await TestFolder.CreateAsync(servers);
        var line = new string('x', 70) + "\r\n";
        var large = TestMail.Of(5, new StringBuilder().Insert(0, line, FiveMegabytes / line.Length).ToString());
        await test.Imap.AppendAsync(test.Name, Ordinary, large, Ordinary);
        var host = await test.Partition.StartHostAsync(test.Settings());

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());

        Assert.Equal(new[] { Ordinary, large, Ordinary }.Texts(), (await test.Partition.EmailsAsync()).Texts());
    }

    [Fact]
    public async Task More_mail_than_one_fetch_is_read_in_order_and_once()
    {
        await using var test = await TestFolder.CreateAsync(servers);
        await test.Imap.AppendAsync(test.Name, TestMail.Many(130));
        var host = await test.Partition.StartHostAsync(test.Settings(change: settings => settings["Polling:FetchBatch"] = "50"));

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 130), await host.PollAsync());
        Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());

        Assert.Equal(TestMail.Many(130).Texts(), (await test.Partition.EmailsAsync()).Texts());
    }

    [Fact]
    public async Task New_mail_is_read_though_the_highest_uids_were_expunged()
    {
        await using var test = await TestFolder.CreateAsync(servers);
        await test.Imap.AppendAsync(test.Name, TestMail.Many(4));
        var host = await test.Partition.StartHostAsync(test.Settings());
        await host.PollAsync();
        await test.Imap.ExpungeAsync(test.Name, (await test.Imap.ReadAsync(test.Name)).TakeLast(2).Select(mail => mail.Uid));
        Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());

        await test.Imap.AppendAsync(test.Name, TestMail.Many(2, first: 5));

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 2), await host.PollAsync());
        Assert.Equal(TestMail.Many(6).Texts(), (await test.Partition.EmailsAsync()).Texts());
    }

    [Theory]
    [InlineData("Sent Mail {0}")]
    [InlineData("Büro {0}/日本語 & Co")]
    public async Task A_folder_is_found_by_its_name_on_the_server(string name)
    {
        await using var test = await TestFolder.CreateAsync(servers, name);
        await test.Imap.AppendAsync(test.Name, TestMail.Many(3));
        var host = await test.Partition.StartHostAsync(test.Settings());

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 3), await host.PollAsync());

        Assert.Equal(TestMail.Many(3).Texts(), (await test.Partition.EmailsAsync()).Texts());
    }

    [Fact]
    public async Task A_recreated_folder_repeats_nothing()
    {
        await using var test = await TestFolder.CreateAsync(servers);
        await test.Imap.AppendAsync(test.Name, TestMail.Many(5));
        var host = await test.Partition.StartHostAsync(test.Settings());
        await host.PollAsync();
        var before = await test.Imap.UidValidityAsync(test.Name);

        // Some servers use the creation time in seconds as UIDVALIDITY.
        await Eventually.TrueAsync(async () =>
        {
            await test.Imap.DeleteAsync(test.Name);
            await test.Imap.CreateAsync(test.Name);
            return await test.Imap.UidValidityAsync(test.Name) != before;
        }, "the folder has another UIDVALIDITY");
        await test.Imap.AppendAsync(test.Name, TestMail.Many(7));

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 2, Duplicates: 5), await host.PollAsync());
        Assert.Equal(TestMail.Many(7).Texts(), (await test.Partition.EmailsAsync()).Texts());
    }

    [Fact]
    public async Task From_a_day_on_mail_received_that_day_or_later_is_read()
    {
        await using var test = await TestFolder.CreateAsync(servers);
        var day = new DateTimeOffset(2026, 2, 10, 12, 0, 0, TimeSpan.Zero);
        foreach (var (number, days) in new[] { (1, -30), (2, -2), (3, 0), (4, 1) })
            Assert.Null(await test.Imap.TryAppendAsync(test.Name, TestMail.Of(number), day.AddDays(days)));
        var host = await test.Partition.StartHostAsync(test.Settings(startFrom: "2026-02-10"));

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 2), await host.PollAsync());

        Assert.Equal(["Mail 3", "Mail 4"], (await test.Partition.EmailsAsync()).Select(email => email.Subject));
    }

    [Fact]
    public async Task From_now_on_only_new_mail_of_INBOX_is_read()
    {
        await using var test = await TestFolder.CreateAsync(servers);
        await test.Imap.AppendAsync("INBOX", TestMail.Many(3));
        var settings = test.Settings(startFrom: "now");
        settings["Mailboxes:0:Folder"] = "INBOX";
        var host = await test.Partition.StartHostAsync(settings);
        Assert.Equal(new PollResult(PollEnd.Complete), await host.PollAsync());

        await test.Imap.AppendAsync("INBOX", TestMail.Of(4));

        Assert.Equal(new PollResult(PollEnd.Complete, Appended: 1), await host.PollAsync());
        Assert.Equal("Mail 4", Assert.Single(await test.Partition.EmailsAsync()).Subject);
    }

    [Fact]
    public async Task A_wrong_password_is_reported_with_the_login_name()
    {
        await using var test = await TestFolder.CreateAsync(servers);
        var host = await test.Partition.StartHostAsync(test.Settings(change: settings => settings["Mailboxes:0:Password"] = "wrong"));

        var result = await host.PollAsync();

        Assert.Equal(PollEnd.Failed, result.End);
        Assert.Contains($"refuses the login of {test.Server.User}", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_folders_of_one_account_are_polled_by_one_process()
    {
        await using var test = await TestFolder.CreateAsync(servers);
        var settings = test.Settings();
        for (var index = 1; index <= 3; index++)
        {
            var folder = $"{test.Name}-{index}";
            await test.Imap.CreateAsync(folder);
            await test.Imap.AppendAsync(folder, TestMail.Many(index));
            test.Server.AddTo(settings, test.Partition, folder, index: index);
        }

        var host = await test.Partition.StartHostAsync(settings);

        Assert.All((await host.PollAllAsync()).Values, result => Assert.Equal(PollEnd.Complete, result.End));
        Assert.Equal(1 + 2 + 3, (await test.Partition.EmailsAsync()).Count);
    }
}
