using EmailIngestion.Configuration;
using Microsoft.Extensions.Configuration;

namespace EmailIngestion.Mailboxes.Settings;

/// <summary>
/// The mailboxes in the settings: those of section <c>Mailboxes</c>, which stay as they are, and those of the file that
/// <c>MAILBOXES_FILE</c> names.
/// </summary>
internal sealed class MailboxSettings
{
    private readonly MailboxesFile? _file;
    private readonly bool _mayBeMissing;
    private readonly Lazy<IReadOnlyList<MailboxOptions>> _own;
    private readonly Lazy<IReadOnlyList<MailboxOptions>> _atStart;

    public MailboxSettings(IConfiguration configuration)
    {
        if (configuration[MailboxesFile.Setting] is { Length: > 0 } path)
            _file = new MailboxesFile(Path.GetFullPath(path), new SettingReferences(configuration));
        // A consumer needs only the names and processors in it, and may start before there are any.
        _mayBeMissing = string.Equals(configuration["Polling:Enabled"], "false", StringComparison.OrdinalIgnoreCase);
        _own = new(() => Own(configuration));
        _atStart = new(() => [.. _own.Value, .. FileAtStart()]);
    }

    /// <summary>The file's path; null if there is none.</summary>
    public string? File => _file?.Path;

    /// <summary>The mailboxes at the start of the process.</summary>
    /// <exception cref="SettingsException">The settings or the file cannot be read.</exception>
    public IReadOnlyList<MailboxOptions> AtStart => _atStart.Value;

    /// <summary>The digest of the file at the start; null if there was none.</summary>
    public string? DigestAtStart { get; private set; }

    /// <summary>Reads the file again, and adds the mailboxes of the section.</summary>
    public MailboxesReading Read()
    {
        var read = _file!.Read();
        return read with { Mailboxes = read.Mailboxes is null ? null : [.. _own.Value, .. read.Mailboxes] };
    }

    private static IReadOnlyList<MailboxOptions> Own(IConfiguration configuration)
    {
        var mailboxes = StrictBinder.BindList<MailboxOptions>(configuration.GetSection("Mailboxes"));
        foreach (var (index, mailbox) in mailboxes.Index())
            mailbox.Setting = $"Mailboxes:{index}";
        return mailboxes;
    }

    private IReadOnlyList<MailboxOptions> FileAtStart()
    {
        if (_file is null || (_mayBeMissing && !_file.Exists))
            return [];
        var read = _file.Read();
        DigestAtStart = read.Digest;
        return read.Mailboxes ?? throw new SettingsException(read.Fault!);
    }
}
