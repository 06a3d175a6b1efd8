using EmailIngestion.Core.Tests.Configuration;
using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.Settings;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

/// <summary>Reads the file of MAILBOXES_FILE, and says what is wrong with it.</summary>
public sealed class MailboxesFileTests : IDisposable
{
    private const string Ann = """{ "Username": "ann@example.org", "Password": "x" }""";

    private readonly string _folder = Directory.CreateTempSubdirectory("mailboxes-").FullName;

    private string File => Path.Combine(_folder, "mailboxes.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("[" + Ann + "]")]
    [InlineData("""{ "Mailboxes": [""" + Ann + "] }")]
    [InlineData("\uFEFF// Ann's\n[" + Ann + ",]")]
    public void An_array_or_an_object_with_it_has_the_mailboxes(string text)
    {
        var mailbox = Assert.Single(Mailboxes(text));
        Assert.Equal(("ann@example.org/INBOX", "x"), (mailbox.Name, mailbox.Password));
    }

    [Fact]
    public void A_file_without_mailboxes_is_valid() => Assert.Empty(Mailboxes("[]"));

    [Theory]
    [InlineData("", "it is not JSON: ")]
    [InlineData("[" + Ann, "it is not JSON: ")]
    [InlineData("{}", "it must be an array of mailboxes, or an object with nothing but an array \"Mailboxes\".")]
    [InlineData("7", "it must be an array of mailboxes")]
    [InlineData("""{ "Mailboxes": {} }""", "it must be an array of mailboxes")]
    [InlineData("""{ "Mailboxes": [], "Polling": {} }""", "it must be an array of mailboxes")]
    [InlineData("""[{ "User": "ann" }]""", "Mailboxes:0:User is not a setting")]
    [InlineData("""[{ "Port": "many" }]""", "'many'")]
    [InlineData("""[{ "Username": "ann", "username": "bob" }]""", "duplicate key")]
    [InlineData("""["ann"]""", "Mailboxes:0")]
    [InlineData("""[{ "Password": "%ANN%" }]""", "Mailboxes:0:Password refers to a setting by its form %NAME%, but there is no setting")]
    public void A_fault_names_the_file_and_what_is_wrong(string text, string says)
    {
        var read = Read(text);
        Assert.Null(read.Mailboxes);
        Assert.StartsWith($"MAILBOXES_FILE {File}: ", read.Fault, StringComparison.Ordinal);
        Assert.Contains(says, read.Fault, StringComparison.Ordinal);
        Assert.DoesNotContain("%ANN%", read.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_in_its_place_is_a_fault()
    {
        Directory.CreateDirectory(File);
        var read = new MailboxesFile(File, References()).Read();
        Assert.Null(read.Mailboxes);
        Assert.StartsWith($"MAILBOXES_FILE {File}: ", read.Fault, StringComparison.Ordinal);
        Assert.Contains("folder", read.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_in_another_encoding_is_a_fault_that_says_so()
    {
        System.IO.File.WriteAllText(File, $"[{Ann}]", System.Text.Encoding.Unicode);
        Assert.Equal(
            $"MAILBOXES_FILE {File}: it is not UTF-8. Save it as UTF-8.", new MailboxesFile(File, References()).Read().Fault);
    }

    // A mounted ConfigMap: the file is a link to ..data/file, and ..data is a link to a folder with a date.
    [Fact]
    public void The_links_of_Kubernetes_are_followed()
    {
        System.IO.File.CreateSymbolicLink(File, Path.Combine("..data", "mailboxes.json"));
        var file = new MailboxesFile(File, References());
        foreach (var (folder, name) in new[] { ("..2026_11_26", "ann"), ("..2026_11_27", "bob") })
        {
            Directory.CreateDirectory(Path.Combine(_folder, folder));
            var content = Path.Combine(_folder, folder, "mailboxes.json");
            System.IO.File.WriteAllText(content, $$"""[{ "Username": "{{name}}", "Password": "x" }]""");
            System.IO.File.Delete(Path.Combine(_folder, "..data"));
            System.IO.File.CreateSymbolicLink(Path.Combine(_folder, "..data"), folder);
            Assert.Equal(name, Assert.Single(file.Read().Mailboxes!).Username);
        }
    }

    [Fact]
    public void A_missing_file_is_a_fault() =>
        Assert.Equal($"MAILBOXES_FILE {File}: there is no such file.", new MailboxesFile(File, References()).Read().Fault);

    [Fact]
    public void A_value_may_refer_to_a_setting_and_a_changed_secret_changes_the_mailbox()
    {
        System.IO.File.WriteAllText(Path.Combine(_folder, "ANN__PASSWORD"), "first\n");
        var text = """[{ "Username": "%ANN_NAME%", "Password": "%ANN__PASSWORD%" }, { "Username": "bob", "Password": "100%" }]""";
        var references = References(("SECRETS_FOLDER", _folder), ("ANN_NAME", "ann@example.org"));
        var before = Read(text, references).Mailboxes!;
        Assert.Equal(("ann@example.org", "first", "100%"), (before[0].Username, before[0].Password, before[1].Password));

        System.IO.File.WriteAllText(Path.Combine(_folder, "ANN__PASSWORD"), "second\n");
        var after = Read(text, references).Mailboxes!;
        Assert.Equal("second", after[0].Password);
        Assert.False(after[0].IsSame(before[0]));
        Assert.True(after[1].IsSame(before[1]));
    }

    [Fact]
    public void An_unchanged_file_is_not_bound_again_and_a_changed_secret_is_seen()
    {
        var secret = Path.Combine(_folder, "ANN");
        System.IO.File.WriteAllText(secret, "first");
        System.IO.File.WriteAllText(File, """[{ "Username": "ann", "Password": "%ANN%" }]""");
        var file = new MailboxesFile(File, References(("SECRETS_FOLDER", _folder)));
        var first = file.Read();
        Assert.Same(first, file.Read());

        System.IO.File.WriteAllText(secret, "second");
        Assert.Equal("second", Assert.Single(file.Read().Mailboxes!).Password);
        System.IO.File.Delete(secret);
        Assert.NotNull(file.Read().Fault);
        System.IO.File.WriteAllText(secret, "second");
        Assert.Equal("second", Assert.Single(file.Read().Mailboxes!).Password);
        System.IO.File.WriteAllText(File, "[]");
        Assert.Empty(file.Read().Mailboxes!);
    }

    [Theory]
    [InlineData("%%x%", "%x%")]
    [InlineData("%%ANN_NAME%", "%ANN_NAME%")]
    [InlineData("%%%", "%%")]
    [InlineData("%x", "%x")]
    [InlineData("x%%y", "x%%y")]
    public void Two_percent_signs_at_the_beginning_stand_for_one(string written, string password)
    {
        var read = Read($$"""[{ "Username": "ann", "Password": "{{written}}" }]""", References(("ANN_NAME", "no")));
        Assert.Equal(password, Assert.Single(read.Mailboxes!).Password);
    }

    [Fact]
    public void The_environment_overrides_a_secret_and_a_deleted_secret_is_missing()
    {
        var secret = Path.Combine(_folder, "ANN");
        System.IO.File.WriteAllText(secret, "at the start");
        System.IO.File.WriteAllText(Path.Combine(_folder, "BOB"), "of the folder");
        // As a process has them: the folder's settings of the start, and those of the environment.
        var references = References(("SECRETS_FOLDER", _folder), ("ANN", "at the start"), ("BOB", "of the environment"));
        const string Text = """[{ "Username": "ann", "Password": "%ANN%" }, { "Username": "bob", "Password": "%BOB%" }]""";
        Assert.Equal(["at the start", "of the environment"], Read(Text, references).Mailboxes!.Select(mailbox => mailbox.Password));

        System.IO.File.WriteAllText(secret, "later");
        Assert.Equal(["later", "of the environment"], Read(Text, references).Mailboxes!.Select(mailbox => mailbox.Password));

        System.IO.File.Delete(secret);
        Assert.Contains("Mailboxes:0:Password refers to a setting", Read(Text, references).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Space_order_and_place_do_not_change_a_mailbox()
    {
        var before = Read($"[{Ann}]");
        var same = Read("""[ { "Password": "x", "Username": "ann@example.org" } ]""");
        Assert.Equal(before.Digest, same.Digest);
        var moved = Read($$"""[{ "Username": "bob@example.org", "Password": "x" }, {{Ann}}]""");
        Assert.NotEqual(before.Digest, moved.Digest);
        Assert.True(moved.Mailboxes![1].IsSame(before.Mailboxes![0]));
        Assert.False(moved.Mailboxes[0].IsSame(before.Mailboxes[0]));
    }

    [Fact]
    public void Mailboxes_of_the_file_are_checked_with_those_of_the_settings()
    {
        Write(
            """
            [{ "Username": "ann@example.org", "Password": "x" }, { "Password": "x" }, { "Username": "c", "Password": "x", "Port": 0 }]
            """);
        var lines = Start.Lines(Start.Good(("MAILBOXES_FILE", File)));
        Assert.Equal(
            [
                "Settings: Mailboxes:0 and MAILBOXES_FILE Mailboxes:0 are the same mailbox, ann@example.org/INBOX: "
                    + "remove one, or set Account if they are accounts on different servers.",
                "Settings: MAILBOXES_FILE Mailboxes:1:Username is missing.",
                "Settings: MAILBOXES_FILE Mailboxes:2:Port is 0: it must be between 1 and 65535.",
            ],
            lines);
    }

    [Fact]
    public void The_processor_of_a_mailbox_in_the_file_must_be_registered()
    {
        Write("""[{ "Username": "c@example.org", "Password": "x", "Processor": "print" }]""");
        var line = Assert.Single(Start.Lines(Start.Good(("MAILBOXES_FILE", File))));
        Assert.StartsWith("Settings: MAILBOXES_FILE Mailboxes:0:Processor is 'print'; the registered", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_a_process_that_does_not_poll_starts_without_the_file()
    {
        var line = Assert.Single(Start.Lines(Start.Good(("MAILBOXES_FILE", File))));
        Assert.Equal($"Settings: MAILBOXES_FILE {File}: there is no such file.", line);
        Assert.Empty(Start.Lines(Start.Good(("MAILBOXES_FILE", File), ("Polling:Enabled", "false"))));
    }

    private static SettingReferences References(params (string Name, string? Value)[] settings) =>
        new(Start.Configuration(settings.ToDictionary(setting => setting.Name, setting => setting.Value)));

    private IReadOnlyList<MailboxOptions> Mailboxes(string text)
    {
        var read = Read(text);
        Assert.Null(read.Fault);
        return read.Mailboxes!;
    }

    private MailboxesReading Read(string text, SettingReferences? references = null)
    {
        Write(text);
        return new MailboxesFile(File, references ?? References()).Read();
    }

    private void Write(string text) => System.IO.File.WriteAllText(File, text);
}
