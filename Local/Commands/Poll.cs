using EmailIngestion.Configuration;
using EmailIngestion.Local.Hosting;

namespace EmailIngestion.Local.Commands;

/// <summary>Polls one mailbox, or all configured ones.</summary>
internal static class Poll
{
    public static async Task<int> RunAsync(
        CommandSettings command, string? username, string? folder, string? host, int? port, CancellationToken cancellationToken)
    {
        command.Settings["Polling:Enabled"] = "true";
        command.Settings["Consumer:Enabled"] = "false";
        if (username is not null || folder is not null || host is not null)
            Choose(command.Settings, username, folder, host);
        command.CheckPlaces(port, startsRedis: false);
        if (!command.Settings.HasRedis)
            await new OwnRedis(command.DataFolder, TimeProvider.System).FindAsync(command.Settings, cancellationToken);
        if (!command.Settings.HasMailbox)
            throw new SettingsException("No mailbox is configured: set Mailboxes:0:Username and Mailboxes:0:Password, or give --username.");
        await using var app = LocalHost.Build(command.Settings, new LocalHostOptions(command.DataFolder, port) { PollAtStart = true });
        return await Serve.RunAsync(app, command, port, showKey: false, cancellationToken);
    }

    // A configured mailbox with that login name gives the other settings.
    private static void Choose(LocalSettings settings, string? username, string? folder, string? host)
    {
        var configured = settings.Mailboxes().Values;
        var like = configured.FirstOrDefault(mailbox => username is null || mailbox.GetValueOrDefault("Username") == username);
        var mailbox = new Dictionary<string, string?>(like ?? [], StringComparer.OrdinalIgnoreCase);
        if (username is not null)
            mailbox["Username"] = username;
        if (folder is not null)
            mailbox["Folder"] = folder;
        if (host is not null)
            mailbox["Host"] = host;
        if (settings["IMAP_PASSWORD"] is { Length: > 0 } password)
            mailbox["Password"] = password;
        settings.SetOnlyMailbox(mailbox);
    }
}
