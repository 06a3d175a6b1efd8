using EmailIngestion.Mailboxes.FollowUps;
using MailKit;
using MailKit.Net.Imap;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>Finds the folders to which emails are moved, and creates a missing one. Blocks.</summary>
internal sealed class ImapTargets(ImapSession session, ImapClient client)
{
    private const int MostLevels = 20;

    private IMailFolder? _target;

    /// <summary>The folder of this name. A missing one is created and subscribed, with the folders above it.</summary>
    /// <exception cref="FollowUpRefusedException">The server has no such folder and refuses to create it.</exception>
    public IMailFolder FindOrCreate(string name, CancellationToken cancellationToken)
    {
        if (_target?.FullName == name)
            return _target;
        return _target = Find(name, cancellationToken) ?? Create(name, cancellationToken);
    }

    /// <summary>The account's trash (RFC 6154).</summary>
    /// <exception cref="FollowUpRefusedException">The server names none.</exception>
    public IMailFolder Trash(CancellationToken cancellationToken) =>
        session.Run(ResponseLimits.Command, () => client.GetFolder(SpecialFolder.Trash), cancellationToken)
        ?? throw new FollowUpRefusedException(
            $"{session.Server} names no trash. Show it in IMAP (Gmail's settings › Labels), or use Move with its name.");

    /// <summary>The folder of this name; null when the server has none.</summary>
    public IMailFolder? Find(string name, CancellationToken cancellationToken)
    {
        try
        {
            return session.Run(ResponseLimits.Command, () => name == "INBOX" ? client.Inbox! : client.GetFolder(name), cancellationToken);
        }
        catch (FolderNotFoundException)
        {
            return null;
        }
    }

    private IMailFolder Create(string name, CancellationToken cancellationToken)
    {
        var place = client.PersonalNamespaces.Count > 0 ? client.PersonalNamespaces[0] : new FolderNamespace('/', "");
        var separator = place.DirectorySeparator;
        var prefix = place.Path.TrimEnd(separator);
        if (prefix.Length > 0 && !name.StartsWith($"{prefix}{separator}", StringComparison.Ordinal))
        {
            throw new FollowUpRefusedException(
                $"{session.Server} has no folder '{name}', and the names of its folders begin with '{prefix}{separator}'.");
        }

        var rest = prefix.Length > 0 ? name[(prefix.Length + 1)..] : name;
        string[] levels = separator == '\0' ? [rest] : rest.Split(separator);
        if (levels.Length > MostLevels || levels.Any(level => level.Length == 0))
            throw new FollowUpRefusedException($"'{name}' is not the name of a folder.");
        var folder = session.Run(ResponseLimits.Command, () => client.GetFolder(place), cancellationToken);
        for (var depth = 1; depth <= levels.Length; depth++)
        {
            var path = string.Join(separator, levels[..depth]);
            var full = prefix.Length > 0 ? $"{prefix}{separator}{path}" : path;
            folder = (depth < levels.Length ? Find(full, cancellationToken) : null)
                ?? Create(folder, levels[depth - 1], full, cancellationToken);
        }

        return folder;
    }

    private IMailFolder Create(IMailFolder parent, string name, string full, CancellationToken cancellationToken)
    {
        try
        {
            var created = session.Run(ResponseLimits.Command, () => parent.Create(name, true), cancellationToken)
                ?? throw new FollowUpRefusedException($"{session.Server} does not list folder '{full}' after it was created.");
            session.Run(ResponseLimits.Command, () => created.Subscribe(), cancellationToken);
            return created;
        }
        catch (ImapCommandException e)
        {
            throw new FollowUpRefusedException(
                $"{session.Server} has no folder '{full}' and does not create it: {session.WordsOf(e)}.", e);
        }
    }
}
