using System.CommandLine;

namespace EmailIngestion.Local.Commands;

/// <summary>The commands that set one mailbox up, and their flags.</summary>
internal static class MailboxCommands
{
    /// <param name="read">Reads the settings of a command line.</param>
    public static Command SignIn(Func<ParseResult, CommandSettings> read)
    {
        var mailbox = new Option<int>("--mailbox") { Description = "The mailbox: n of Mailboxes:n.", Required = true };
        var device = new Option<bool>("--device") { Description = "Shows a code to enter on another machine." };
        var file = new Option<string?>("--out")
        {
            Description = "The file for the refresh token, which only its owner can read. Default: prints the setting.",
        };
        var signIn = new Command("signin", "Signs in to a mailbox by a person's consent, and gets a refresh token (docs/accounts.md).")
        {
            mailbox, device, file,
        };
        signIn.SetAction((parse, token) => Commands.SignIn.RunAsync(
            read(parse), parse.GetValue(mailbox), parse.GetValue(device), parse.GetValue(file), token));
        return signIn;
    }
}
