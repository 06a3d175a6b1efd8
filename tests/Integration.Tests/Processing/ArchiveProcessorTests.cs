using System.Runtime.Versioning;
using System.Text.Json;
using EmailIngestion.Configuration;
using EmailIngestion.Messages;
using EmailIngestion.Processing;
using EmailIngestion.Storage;
using EmailIngestion.Processing.Archiving;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.Processing;

[UnsupportedOSPlatform("windows")]
public sealed class ArchiveProcessorTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly string _folder = Directory.CreateTempSubdirectory("archive-").FullName;
    private readonly EmailMessage _message = Emails.Of([.. "Subject: Hello\r\n\r\n"u8, .. Enumerable.Range(0, 256).Select(i => (byte)i)]);

    // The day of receipt in UTC; the message's zone is two hours ahead.
    private string Day => Path.Combine(_folder, "2024", "02", "29");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_message_is_written_byte_for_byte_with_its_summary(bool durable)
    {
        await Processor(durable).ProcessAsync(Delivery(_message), TestContext.Current.CancellationToken);
        Assert.Equal([$"{_message.Id}.eml", $"{_message.Id}.json"], Files());
        Assert.Equal(
            _message.Raw.ToArray(),
            await File.ReadAllBytesAsync(Path.Combine(Day, $"{_message.Id}.eml"), TestContext.Current.CancellationToken));
        using var summary = Summary();
        Assert.Equal(2, summary.RootElement.GetProperty("version").GetInt32());
        Assert.Equal(_message.Id.ToString(), summary.RootElement.GetProperty("id").GetString());
        Assert.Equal("Hello", summary.RootElement.GetProperty("subject").GetString());
        Assert.False(summary.RootElement.TryGetProperty("raw", out _));
    }

    [Fact]
    public void A_folder_is_synced_or_an_error_says_why_not()
    {
        FolderSync.Run(_folder);

        var missing = Path.Combine(_folder, "missing");
        Assert.Equal(
            $"Folder {missing} cannot be synced: No such file or directory.",
            Assert.Throws<IOException>(() => FolderSync.Run(missing)).Message);
    }

    [Fact]
    public async Task Repeated_and_concurrent_runs_write_the_same_files()
    {
        var processor = Processor();
        await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => processor.ProcessAsync(Delivery(_message), TestContext.Current.CancellationToken)));
        await processor.ProcessAsync(Delivery(_message), TestContext.Current.CancellationToken);
        Assert.Equal([$"{_message.Id}.eml", $"{_message.Id}.json"], Files());
        Assert.Equal(
            _message.Raw.ToArray(),
            await File.ReadAllBytesAsync(Path.Combine(Day, $"{_message.Id}.eml"), TestContext.Current.CancellationToken));
        using var summary = Summary();
        Assert.Equal("Hello", summary.RootElement.GetProperty("subject").GetString());
    }

    [Fact]
    public async Task A_cancelled_run_leaves_no_files()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Processor().ProcessAsync(Delivery(_message), new CancellationToken(canceled: true)));
        Assert.Empty(Files());
    }

    // Whenever the run is cancelled, there is no partial file, no temporary file and no summary without its message.
    [Fact]
    public async Task A_run_cancelled_in_the_middle_leaves_no_partial_files()
    {
        var large = Emails.Of([.. "Subject: Large\r\n\r\n"u8, .. new byte[20_000_000]]);
        var cancelled = 0;
        for (var i = 0; i < 10; i++)
        {
            using var cancel = new CancellationTokenSource();
            var run = Task.Run(() => Processor().ProcessAsync(Delivery(large), cancel.Token), TestContext.Current.CancellationToken);
            await Support.Eventually.TrueAsync(
                () => run.IsCompleted || Files().Any(file => file.EndsWith(".tmp", StringComparison.Ordinal)), "it writes");
            await cancel.CancelAsync();
            try
            {
                await run;
            }
            catch (OperationCanceledException)
            {
                cancelled++;
            }

            Assert.DoesNotContain(Files(), file => file.EndsWith(".tmp", StringComparison.Ordinal));
            foreach (var file in Directory.EnumerateFiles(_folder, "*.eml", SearchOption.AllDirectories))
                Assert.Equal(large.Raw.Length, new FileInfo(file).Length);
            if (Files().Any(file => file.EndsWith(".json", StringComparison.Ordinal)))
                Assert.Equal(2, Files().Length);
            Array.ForEach(Directory.GetFiles(Day), File.Delete);
        }

        Assert.NotEqual(0, cancelled);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Attachments_become_files_that_the_summary_names(bool durable)
    {
        var message = Emails.Of(MailWithAttachments.Raw);
        var processor = Processor(durable, attachments: true);
        await processor.ProcessAsync(Delivery(message), TestContext.Current.CancellationToken);
        await processor.ProcessAsync(Delivery(message), TestContext.Current.CancellationToken);

        var summary = Path.Combine(Day, $"{message.Id}.json");
        using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(summary, TestContext.Current.CancellationToken));
        var files = json.RootElement.GetProperty("attachments").EnumerateArray()
            .Select(attachment => attachment.GetProperty("file").GetString()!).ToArray();
        Assert.Equal($"{message.Id}/0-invoice.pdf", files[0]);
        Assert.Matches($"^{message.Id}/1-[^/]*note.txt$", files[1]);
        Assert.Equal(
            MailWithAttachments.Contents,
            files.Select(file => File.ReadAllText(Path.Combine(Day, file))));
        Assert.Equal(4, Files().Length);
    }

    [Fact]
    public async Task Without_the_setting_no_attachment_becomes_a_file()
    {
        var message = Emails.Of(MailWithAttachments.Raw);
        await Processor().ProcessAsync(Delivery(message), TestContext.Current.CancellationToken);

        Assert.Equal([$"{message.Id}.eml", $"{message.Id}.json"], Files());
        var summary = await File.ReadAllTextAsync(Path.Combine(Day, $"{message.Id}.json"), TestContext.Current.CancellationToken);
        Assert.DoesNotContain("\"file\"", summary, StringComparison.Ordinal);
    }

    // A crash between two files leaves the earlier ones and perhaps a temporary one.
    [Fact]
    public async Task What_a_crash_left_is_completed_and_swept_after_a_day()
    {
        var message = Emails.Of(MailWithAttachments.Raw);
        var incoming = Path.Combine(_folder, ".incoming");
        Directory.CreateDirectory(incoming);
        Directory.CreateDirectory(Day);
        await File.WriteAllTextAsync(Path.Combine(incoming, "left.tmp"), "half", TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(Day, $"{message.Id}.eml"), message.Raw, TestContext.Current.CancellationToken);
        var processor = Processor(attachments: true);

        await processor.ProcessAsync(Delivery(message), TestContext.Current.CancellationToken);
        Assert.Equal(5, Files().Length);

        _time.Advance(TimeSpan.FromHours(25));
        await processor.ProcessAsync(Delivery(message), TestContext.Current.CancellationToken);
        Assert.Equal(4, Files().Length);
        Assert.DoesNotContain("left.tmp", Files());
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_a_transient_failure()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "2024"), "in the way", TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAnyAsync<IOException>(
            () => Processor().ProcessAsync(Delivery(_message), TestContext.Current.CancellationToken));
        Assert.True(EmailIngestion.Consuming.OutcomePolicy.IsTransient(error));
    }

    [Theory]
    [InlineData(null, null, "0600", "0700")]
    [InlineData("0640", "2750", "0640", "2750")]
    [InlineData("666", "777", "0666", "0777")]
    public async Task Files_and_folders_have_the_permissions_of_the_settings(
        string? fileMode, string? folderMode, string files, string folders)
    {
        var archive = Path.Combine(_folder, "new", "archive");
        var options = new ArchiveOptions { Folder = archive };
        options.FileMode = fileMode ?? options.FileMode;
        options.FolderMode = folderMode ?? options.FolderMode;
        await Processor(options).ProcessAsync(Delivery(_message), TestContext.Current.CancellationToken);

        Assert.Equal(2, Files().Length);
        Assert.All(
            Directory.EnumerateFiles(archive, "*", SearchOption.AllDirectories),
            file => Assert.Equal(files, UnixMode.Text(File.GetUnixFileMode(file))));
        Assert.All(
            Directory.EnumerateDirectories(_folder, "*", SearchOption.AllDirectories),
            folder => Assert.Equal(folders, UnixMode.Text(File.GetUnixFileMode(folder))));
    }

    // The temporary file exists before the mail is in it. No other user may open it then either.
    [Fact]
    public async Task A_file_is_readable_only_by_its_owner_while_it_is_written()
    {
        var large = Emails.Of([.. "Subject: Large\r\n\r\n"u8, .. new byte[20_000_000]]);
        var run = Task.Run(
            () => Processor(durable: true).ProcessAsync(Delivery(large), TestContext.Current.CancellationToken),
            TestContext.Current.CancellationToken);
        var seen = new HashSet<string>();
        await Support.Eventually.TrueAsync(
            () =>
            {
                foreach (var file in Directory.EnumerateFiles(_folder, "*.tmp", SearchOption.AllDirectories))
                {
                    try
                    {
                        seen.Add(UnixMode.Text(File.GetUnixFileMode(file)));
                    }
                    catch (FileNotFoundException)
                    {
                        // The file may have its final name by now.
                    }
                }

                return run.IsCompleted;
            },
            "it is written");
        await run;
        Assert.All(seen, mode => Assert.Equal("0600", mode));
    }

    private ArchiveProcessor Processor(bool durable = false, bool attachments = false) =>
        Processor(new ArchiveOptions { Folder = _folder, Durable = durable, Attachments = attachments });

    private ArchiveProcessor Processor(ArchiveOptions options) =>
        new(new FolderArchive(Options.Create(options), _time, NullLogger<FolderArchive>.Instance), Options.Create(options));

    private string[] Files() =>
        [.. Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Select(file => Path.GetFileName(file)!)
            .Order(StringComparer.Ordinal)];

    private static EmailDelivery Delivery(EmailMessage message) => new() { Email = message };

    private JsonDocument Summary() => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Day, $"{_message.Id}.json")));
}
