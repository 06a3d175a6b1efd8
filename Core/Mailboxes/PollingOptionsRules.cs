using System.Globalization;
using EmailIngestion.Configuration;
using EmailIngestion.Mailboxes.FollowUps;
using EmailIngestion.Mailboxes.Imap;
using EmailIngestion.Mailboxes.SignIn;
using EmailIngestion.Streams;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Mailboxes;

/// <summary>Checks the mailboxes of a process: each one by itself, its partition, and that no mailbox appears twice.</summary>
internal sealed class PollingOptionsRules(IOptions<StreamOptions> streams) : IValidateOptions<PollingOptions>
{
    public ValidateOptionsResult Validate(string? name, PollingOptions options)
    {
        var failures = Faults(options, options.Mailboxes);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    /// <summary>Returns the faults of these mailboxes.</summary>
    public IReadOnlyList<string> Faults(PollingOptions options, IReadOnlyList<MailboxOptions> mailboxes)
    {
        var failures = new List<string>();
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        var logins = new Dictionary<(ServerAccount, string, string), string>();
        foreach (var (index, mailbox) in mailboxes.Index())
        {
            var setting = mailbox.Setting ?? $"Mailboxes:{index}";
            failures.AddRange(options.Enabled ? PollFaults(mailbox, setting) : NameFaults(mailbox, setting));
            if (mailbox.Folder.Length > 0 && mailbox.Folder.AsSpan().IndexOfAnyInRange('\0', '\x1f') >= 0)
                failures.Add($"{setting}:Folder has a control character.");
            if (!settings.TryAdd(mailbox.Name, setting))
            {
                failures.Add(
                    $"{settings[mailbox.Name]} and {setting} are the same mailbox, {mailbox.Name}: "
                    + "remove one, or set Account if they are accounts on different servers.");
            }
            else if (!logins.TryAdd(Login(mailbox), setting) && options.Enabled)
            {
                failures.Add(
                    $"{logins[Login(mailbox)]} and {setting} are the same mailbox, {mailbox.Name}, in upper and in lower case: "
                    + "remove one. Its emails would be processed twice.");
            }
        }

        if (options.Enabled)
            failures.AddRange(FollowUpRules.Faults(mailboxes));
        return failures;
    }

    // Mail servers ignore the case of login names, and not that of folders.
    private static (ServerAccount Server, string Account, string Folder) Login(MailboxOptions mailbox) =>
        (ServerAccount.Of(mailbox), mailbox.EffectiveAccount.ToLowerInvariant(), mailbox.EffectiveFolder);

    // A process that does not poll needs only the names of the mailboxes, for their processors. It has no passwords.
    private static IEnumerable<string> NameFaults(MailboxOptions mailbox, string setting)
    {
        if (string.IsNullOrEmpty(mailbox.Account) && string.IsNullOrEmpty(mailbox.Username))
        {
            yield return $"{setting} has neither Account nor Username: "
                + "a consumer recognises the emails of a mailbox by its account and folder.";
        }
    }

    private IEnumerable<string> PollFaults(MailboxOptions mailbox, string setting)
    {
        foreach (var failure in SettingsRules.Failures(mailbox, setting))
            yield return failure;
        foreach (var failure in SignInRules.Faults(mailbox, setting))
            yield return failure;
        if (mailbox.StartFrom.Length == 10
            && !DateOnly.TryParseExact(mailbox.StartFrom, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
            yield return $"{setting}:StartFrom '{mailbox.StartFrom}' is not a valid date (yyyy-MM-dd).";
        if (mailbox.CertificateAuthority is { Length: > 0 } file && PemFile.AuthorityFault(file) is { } fault)
            yield return $"{setting}:CertificateAuthority {fault}";
        var partitions = streams.Value.ServedPartitions;
        if (!partitions.Contains(mailbox.Partition, StringComparer.Ordinal))
        {
            var known = string.Join(", ", partitions.Select(partition => $"'{partition}'"));
            yield return $"{setting}:Partition is '{mailbox.Partition}', and Streams:Partitions has {known}.";
        }
    }
}
