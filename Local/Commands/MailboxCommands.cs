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

    /// <param name="read">Reads the settings of a command line.</param>
    public static Command Probe(Func<ParseResult, CommandSettings> read)
    {
        var mailbox = new Option<int?>("--mailbox") { Description = "The mailbox: n of Mailboxes:n. Default: all of them." };
        var json = new Option<bool>("--json") { Description = "Writes the result as JSON." };
        var probe = new Command(
            "probe", "Checks mailboxes step by step, from DNS to what the first poll would read. The exit code is 0 if all steps succeed.")
        {
            mailbox, json,
        };
        probe.SetAction((parse, token) => Commands.Probe.RunAsync(
            read(parse), parse.GetValue(mailbox), parse.GetValue(json), token));
        return probe;
    }
}
