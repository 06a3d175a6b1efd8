using System.Runtime.Versioning;
using System.Text.Json;
using EmailIngestion.Configuration;
using EmailIngestion.Messages;
using EmailIngestion.Processing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace EmailIngestion.Integration.Tests.Processing;

[UnsupportedOSPlatform("windows")]
public sealed class ArchiveProcessorTests : IDisposable
{
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
        Assert.Equal(1, summary.RootElement.GetProperty("version").GetInt32());
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
        await new ArchiveProcessor(Options.Create(options), NullLogger<ArchiveProcessor>.Instance)
            .ProcessAsync(Delivery(_message), TestContext.Current.CancellationToken);

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

    private ArchiveProcessor Processor(bool durable = false) =>
        new(Options.Create(new ArchiveOptions { Folder = _folder, Durable = durable }), NullLogger<ArchiveProcessor>.Instance);

    private string[] Files() =>
        [.. Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Select(file => Path.GetFileName(file)!)
            .Order(StringComparer.Ordinal)];

    private static EmailDelivery Delivery(EmailMessage message) => new() { Email = message };

    private JsonDocument Summary() => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Day, $"{_message.Id}.json")));
}
