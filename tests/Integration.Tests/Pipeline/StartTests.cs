using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using Xunit;

namespace EmailIngestion.Integration.Tests.Pipeline;

/// <summary>Tests the messages that a new user sees at a start, failed or not.</summary>
public class StartTests(TestServers servers)
{
    public static TheoryData<string> Commands => [.. new[] { "", "poll", "consume", "demo --emails 1" }];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task A_port_in_use_ends_the_start_with_a_line_that_names_it(string command)
    {
        await using var partition = new TestPartition(servers);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        await EndsWithAsync(
            partition, Mailbox(partition), $"Port {port} is in use by another process", [.. Words(command), "--port", port]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("poll --port 0")]
    [InlineData("consume --port 0")]
    [InlineData("demo --emails 1")]
    public async Task A_data_folder_that_cannot_be_written_ends_the_start_with_a_line_that_names_it(string command)
    {
        await using var partition = new TestPartition(servers);
        // A folder of mode 0500 does not stop a test that runs as root.
        var file = Path.Combine(partition.Folder, "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
        var data = Path.Combine(file, "data");

        await EndsWithAsync(
            partition, Mailbox(partition), $"The data folder {data} cannot be written: ", [.. Words(command), "--data", data]);
    }

    [Fact]
    public async Task An_archive_that_cannot_be_written_ends_the_start_with_a_line_that_names_it()
    {
        await using var partition = new TestPartition(servers);
        var file = Path.Combine(partition.Folder, "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
        var settings = partition.Settings();
        settings["Archive:Folder"] = Path.Combine(file, "archive");

        await EndsWithAsync(partition, settings, $"Settings: Archive:Folder {file}/archive cannot be written: ", ["consume"]);
    }

    [Theory]
    [InlineData("{ \"Values\": { \"REDIS_HOST\": ", "is not JSON: ")]
    [InlineData("", "is not JSON: ")]
    [InlineData("[]", "must be a JSON object")]
    [InlineData("{ \"Values\": [] }", "must be an object of names and values")]
    [InlineData(null, "does not exist.")]
    public async Task A_settings_file_that_cannot_be_read_ends_the_start_with_a_line_that_names_it(string? content, string why)
    {
        await using var partition = new TestPartition(servers);
        var file = Path.Combine(partition.Folder, "my.settings.json");
        if (content is not null)
            await File.WriteAllTextAsync(file, content, TestContext.Current.CancellationToken);

        var output = await EndsWithAsync(partition, partition.Settings(), "Settings: ", ["consume", "--settings", file]);

        Assert.Contains(file, output, StringComparison.Ordinal);
        Assert.Contains(why, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_in_place_of_the_settings_file_ends_the_start_with_a_line()
    {
        await using var partition = new TestPartition(servers);
        Directory.CreateDirectory(Path.Combine(partition.Folder, "local.settings.json"));
        await EndsWithAsync(partition, partition.Settings(), "Settings: local.settings.json cannot be read: ", ["consume"]);
    }

    [Theory]
    [InlineData("--port 0")]
    [InlineData("demo --emails 1 --port 0")]
    public async Task A_missing_redis_server_ends_the_start_with_a_line_that_names_it(string command)
    {
        await using var partition = new TestPartition(servers);
        var settings = new LocalSettings { ["PATH"] = "/nowhere" };
        await EndsWithAsync(partition, settings, "redis-server is not installed", Words(command));
    }

    [Fact]
    public async Task A_new_user_sees_the_first_emails_at_once_and_when_the_next_poll_is_due()
    {
        await using var partition = new TestPartition(servers);
        await new MailUser(servers, partition.User).AppendAsync(TestMail.Many(3));
        var settings = Mailbox(partition);
        settings["Logging:Console:LogLevel:Default"] = "Information";
        // The next poll is due in up to a year.
        await using var process = CommandProcess.Start(partition, settings, "--port", "0");

        await Eventually.TrueAsync(() => partition.ArchivedFiles("*.json").Length == 3, "the mail is processed before any poll is due");
        await Eventually.TrueAsync(() => process.Output.Contains("due next at ", StringComparison.Ordinal), "it says when");

        Assert.Contains("-01-01 ", process.Output.Split("due next at ")[1].Split('\n')[0], StringComparison.Ordinal);
        Assert.Equal(0, await process.TerminateAsync());
    }

    private static LocalSettings Mailbox(TestPartition partition)
    {
        var settings = partition.Settings();
        partition.AddMailbox(settings);
        return settings;
    }

    private static string[] Words(string command) => command.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static async Task<string> EndsWithAsync(TestPartition partition, LocalSettings settings, string line, string[] arguments)
    {
        await using var process = CommandProcess.Start(partition, settings, arguments);
        Assert.Equal(1, await process.EndAsync());
        var output = process.Output.Trim();
        Assert.StartsWith(line, output, StringComparison.Ordinal);
        Assert.Single(output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        return output;
    }
}
