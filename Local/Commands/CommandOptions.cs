using System.CommandLine;
using System.Globalization;
using EmailIngestion.Configuration;
using EmailIngestion.Local.Hosting;

namespace EmailIngestion.Local.Commands;

/// <summary>The flags that several commands have, and the settings that they make.</summary>
internal static class CommandOptions
{
    public static readonly Option<string> Settings = new("--settings")
    {
        Description = "The settings file.",
        DefaultValueFactory = _ => "local.settings.json",
    };

    public static readonly Option<string> Data = new("--data")
    {
        Description = "The folder of the keys, the archive and Local's own Redis.",
        DefaultValueFactory = _ => ".data",
    };

    public static readonly Option<string?> Consumer = new("--consumer") { Description = "The consumer's name, unique in the group." };
    public static readonly Option<int?> BatchSize = new("--batch-size") { Description = "The most entries read at a time (10)." };
    public static readonly Option<int?> BlockTimeout = new("--block-timeout")
    {
        Description = "How long a read waits for entries, in milliseconds (5000).",
    };

    public static readonly Option<int?> Concurrency = new("--concurrency")
    {
        Description = "The most emails in processing at a time (10).",
    };

    public static readonly Option<string?> Username = new("--username")
    {
        Description = "The login name; a configured mailbox with this name gives the other settings.",
    };

    public static readonly Option<string?> Mailbox = new("--mailbox") { Description = "The folder (INBOX)." };
    public static readonly Option<string?> ImapHost = new("--host") { Description = "The IMAP server (imap.gmail.com)." };
    public static readonly Option<double?> Slow = new("--slow")
    {
        Description = "Seconds that each email waits before processing, to see the scaling.",
    };

    public static readonly Option<double?> PollInterval = new("--poll-interval") { Description = "Seconds between polls (60)." };

    public static Option<int?> Port(string description, int? otherwise) =>
        new("--port") { Description = description, DefaultValueFactory = _ => otherwise };

    /// <exception cref="SettingsException">The settings file cannot be read.</exception>
    public static CommandSettings Read(ParseResult parse)
    {
        var file = parse.GetValue(Settings)!;
        if (parse.GetResult(Settings) is { Implicit: false } && !Path.Exists(file))
            throw new SettingsException($"--settings: {file} does not exist.");
        var settings = LocalSettings.Load(file);
        Set("Consumer:Name", parse.GetValue(Consumer));
        Set("Consumer:BatchSize", parse.GetValue(BatchSize));
        Set("Consumer:Concurrency", parse.GetValue(Concurrency));
        Set("Consumer:BlockTimeout", parse.GetValue(BlockTimeout) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null);
        Set("POLL_SCHEDULE", parse.GetValue(PollInterval) is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
        return new CommandSettings(settings, parse.GetValue(Data)!);

        void Set(string name, object? value)
        {
            if (value is not null)
                settings[name] = Convert.ToString(value, CultureInfo.InvariantCulture);
        }
    }
}
