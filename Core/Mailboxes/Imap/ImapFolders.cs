using MailKit;
using MailKit.Net.Imap;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>Opens folders on one connection. When a folder cannot be opened, the error lists the account's folders. Blocks.</summary>
internal sealed class ImapFolders(ImapSession session, ImapClient client)
{
    // The list is for a person, so a few namespaces are enough.
    private const int MostNamespaces = 8;

    // The time limit for the list of folders. The list is only part of an error message.
    private static readonly TimeSpan ListTime = TimeSpan.FromSeconds(10);

    /// <summary>Opens a folder read-only.</summary>
    /// <exception cref="MailboxException">The server does not have the folder, or refuses to open it.</exception>
    public IMailFolder Open(string name, string username, CancellationToken cancellationToken)
    {
        try
        {
            return session.Run(
                ResponseLimits.Command,
                () =>
                {
                    var folder = name == "INBOX" ? client.Inbox! : client.GetFolder(name);
                    // MailKit opens no folder that is open, and the server says its state only when one is opened.
                    if (folder.IsOpen)
                        folder.Close();
                    folder.Open(FolderAccess.ReadOnly);
                    return folder;
                },
                cancellationToken);
        }
        catch (FolderNotFoundException e)
        {
            throw new MailboxException($"{session.Server} has no folder '{name}' for {username}.{Suggestion(name, cancellationToken)}", e);
        }
        catch (ImapCommandException e) when (session.IsOfTheMessage(e))
        {
            var words = session.Refusal(e)?.Words.TrimEnd('.') ?? e.Message;
            throw new MailboxException(
                $"{session.Server} does not open folder '{name}' for {username}: {words}.{Suggestion(name, cancellationToken)}", e);
        }
    }

    private string Suggestion(string name, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(ListTime);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return FolderSuggestion.For(name, session.Run(ResponseLimits.Command, List, either.Token));
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Any failure of the list: the folder's own error must be reported.
            return "";
        }
    }

    private FolderName[] List() =>
    [
        .. client.PersonalNamespaces.Concat(client.OtherNamespaces).Concat(client.SharedNamespaces).Take(MostNamespaces)
            .SelectMany(place => client.GetFolders(place))
            .Prepend(client.Inbox)
            .OfType<IMailFolder>()
            .Where(folder => folder.Exists && !folder.Attributes.HasFlag(FolderAttributes.NoSelect))
            .Select(folder => new FolderName(folder.FullName, folder.DirectorySeparator))
            .DistinctBy(folder => folder.Name),
    ];
}
