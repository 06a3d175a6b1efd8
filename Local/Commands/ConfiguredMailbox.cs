using EmailIngestion.Configuration;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using Microsoft.Extensions.Configuration;

namespace EmailIngestion.Local.Commands;

/// <summary>Reads one mailbox of the settings for a command.</summary>
internal static class ConfiguredMailbox
{
    /// <exception cref="SettingsException">There is no such mailbox, or its settings cannot be read.</exception>
    public static MailboxOptions Read(LocalSettings settings, int number, string option)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Values).Build();
        var mailboxes = StrictBinder.BindList<MailboxOptions>(configuration.GetSection("Mailboxes"));
        if (number >= 0 && number < mailboxes.Count)
            return mailboxes[number];
        throw new SettingsException(
            $"{option} is {number}: " + (mailboxes.Count == 0
                ? "no mailbox is configured; set Mailboxes:0:Username and the others (docs/accounts.md)."
                : $"the settings have the mailboxes 0 to {mailboxes.Count - 1}."));
    }
}
