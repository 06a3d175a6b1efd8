using EmailIngestion.Mailboxes;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

/// <summary>Hints that cannot be written: one line for each fault, however often and for how many mailboxes it repeats.</summary>
public sealed class HintFilesTests : IDisposable
{
    private static readonly string[] Mailboxes = ["a/INBOX", "b/INBOX", "c/INBOX"];

    private readonly string _folder = Directory.CreateTempSubdirectory("hints-").FullName;
    private readonly FakeLogger<HintFiles> _logger = new();
    private readonly HintFiles _files;
    private uint _last;

    public HintFilesTests() =>
        _files = new HintFiles(Options.Create(new PollingOptions { HintFolder = _folder }), TimeProvider.System, _logger);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_that_cannot_be_written_is_logged_once_although_others_are_written()
    {
        Block("a/INBOX");
        for (var i = 0; i < 3; i++)
            Write();
        Assert.Equal(1, _logger.Collector.Count);

        // It works again, and fails again.
        Directory.Delete(_files.FileOf("a/INBOX")!);
        Write();
        File.Delete(_files.FileOf("a/INBOX")!);
        Block("a/INBOX");
        Write();
        Assert.Equal(2, _logger.Collector.Count);
    }

    [Fact]
    public void A_fault_of_all_files_is_one_line()
    {
        foreach (var mailbox in Mailboxes)
            Block(mailbox);
        for (var i = 0; i < 3; i++)
            Write();
        Assert.Equal(1, _logger.Collector.Count);
    }

    // A folder in the place of the file, which root may not replace either.
    private void Block(string mailbox) => Directory.CreateDirectory(_files.FileOf(mailbox)!);

    private void Write()
    {
        _last++;
        foreach (var mailbox in Mailboxes)
            _files.WriteAtOnce(new MailboxHint(mailbox, 0, 1, _last, null, null, DateTimeOffset.UnixEpoch, null));
    }
}
