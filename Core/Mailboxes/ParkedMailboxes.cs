using EmailIngestion.Mailboxes.SignIn;

namespace EmailIngestion.Mailboxes;

/// <summary>Resumes the mailboxes whose account somebody has corrected.</summary>
internal static class ParkedMailboxes
{
    /// <summary>Resumes all parked mailboxes that share an access token with one of <paramref name="corrected"/>.</summary>
    /// <param name="all">The mailboxes of this process.</param>
    /// <param name="corrected">Mailboxes that are new, or that somebody resumes.</param>
    /// <param name="tokens">The access tokens, which forget that they were refused.</param>
    public static void Resume(IReadOnlyList<PolledMailbox> all, IReadOnlyList<PolledMailbox> corrected, AccessTokens tokens)
    {
        var accounts = corrected.Select(mailbox => SignInAccount.Of(mailbox.Options)).OfType<SignInAccount>().ToHashSet();
        foreach (var account in accounts)
            tokens.Resume(account);
        foreach (var mailbox in all)
        {
            if (SignInAccount.Of(mailbox.Options) is { } account && accounts.Contains(account))
                mailbox.Wait.Resume();
        }
    }
}
