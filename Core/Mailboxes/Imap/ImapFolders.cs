using MailKit;
using MailKit.Net.Imap;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>Opens folders on one connection, and says which ones there are when one cannot be opened. Blocks.</summary>
internal sealed class ImapFolders(ImapSession session, ImapClient client)
{
    // Servers have more namespaces than anybody reads.
    private const int MostNamespaces = 8;

    // What a list of folders may take. It is only for the words of an error.
    private static readonly TimeSpan ListTime = TimeSpan.FromSeconds(10);

    /// <summary>Opens a folder read-only.</summary>
    /// <exception cref="MailboxException">The server does not have it, or does not open it.</exception>
    public IMailFolder Open(string name, string username, CancellationToken cancellationToken)
    {
        try
        {
            return session.Run(
                ResponseLimits.Command,
                () =>
                {
                    var folder = name == "INBOX" ? client.Inbox! : client.GetFolder(name);
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
        using var enough = new CancellationTokenSource(ListTime);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(enough.Token, cancellationToken);
        try
        {
            return FolderSuggestion.For(name, session.Run(ResponseLimits.Command, List, either.Token));
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever the list fails by, the folder's error is the one that counts.
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
