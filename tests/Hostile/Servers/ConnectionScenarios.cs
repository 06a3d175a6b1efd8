namespace EmailIngestion.Hostile.Servers;

/// <summary>Attacks of a server on a poll before a folder is open.</summary>
internal static class ConnectionScenarios
{
    private const string Sent = " sent ";

    public static IEnumerable<Scenario> All =>
    [
        new("a greeting without an end", d => d.Flood(Step.Greeting, "* OK ", "x"), "a greeting of more than"),
        new("a greeting that is one quoted string", d => d.Flood(Step.Greeting, "* OK \"", "x"), Sent),
        new("a greeting of spaces", d => d.Flood(Step.Greeting, "", " "), Sent),
        new("a greeting of NUL bytes", d => d.Flood(Step.Greeting, "", "\0"), null),
        new("a greeting of line ends", d => d.Flood(Step.Greeting, "", "\r\n"), null),
        new(
            "a greeting that is a literal",
            d => d.Say(Step.Greeting, "* OK {2147483647}\r\n" + new string('x', 100_000)),
            "a literal in place of a text"),
        new("junk in place of a greeting", d => d.Say(Step.Greeting, "\u0016\u0003\u0001\u0002\0\u0001\r\n"), null),
        new("BYE in place of a greeting", d => d.Say(Step.Greeting, "* BYE \u001b[31mgo away\u001b[0m\r\n"), "go away"),
        new(
            "capabilities without an end",
            d => d.Flood(Step.Greeting, "* OK [CAPABILITY IMAP4rev1", " AUTH=X1"),
            "a greeting of more than"),
        new(
            "a flood of capabilities",
            d => { d.Say(Step.Greeting, "* OK hi\r\n"); d.Flood(Step.Capability, "", "* CAPABILITY IMAP4rev1 AUTH=A AUTH=B\r\n"); },
            Sent),
        new(
            "a response code 60,000 deep",
            d => d.Say(Step.Greeting, "* OK [X " + new string('(', 60_000) + "\r\n"),
            "nested more than 64 deep"),
        new("plain text behind the answer to STARTTLS",
            d => { d.Capabilities = "IMAP4rev1 STARTTLS"; d.Say(Step.StartTls, "{tag} OK begin\r\n* CAPABILITY IMAP4rev1\r\n"); },
            "more than the answer to STARTTLS before TLS", "StartTls"),
        new("no TLS after STARTTLS",
            d => { d.Capabilities = "IMAP4rev1 STARTTLS"; d.Say(Step.StartTls, "{tag} OK begin\r\n"); d.HangsUp.Add(Step.StartTls); },
            "does not speak TLS", "StartTls"),
        new("a login that is refused after 100 MB", d => d.Flood(Step.Login, "", "* NO " + new string('x', 1000) + "\r\n"), Sent),
        new(
            "a refusal with escape sequences",
            d => d.Say(Step.Login, "{tag} NO \u001b]0;owned\u0007\u001b[2J\u009b31m" + new string('y', 5_000) + "\r\n"),
            "refuses the login"),
        new(
            "a refusal with bidirectional marks",
            d => d.Say(Step.Login, "{tag} NO [ALERT] abc\u00e2\u0080\u00aedef\r\n"),
            "refuses the login"),
        new("BYE at the login", d => { d.Say(Step.Login, "* BYE\r\n"); d.HangsUp.Add(Step.Login); }, null),
        new("continuation requests without an end", d => d.Flood(Step.Login, "", "+ \r\n"), Sent),
        new(
            "a continuation request at random",
            d => d.Say(Step.Examine, "+ go on\r\n* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 4] x\r\n{tag} OK done\r\n"),
            null),
        new("tags of nobody", d => d.Flood(Step.Login, "", "Z99999999 OK done\r\n"), null),
        new("PREAUTH after the greeting", d => d.Flood(Step.Login, "", "* PREAUTH hi\r\n"), "PREAUTH after its greeting"),
        new("a list of folders without an end", d => d.Flood(Step.List, "", "* LIST () \"/\" aaaaaaaa\r\n"), Sent),
        new(
            "a folder's name as a literal of 2 GiB",
            d => d.Say(Step.List, "* LIST () \"/\" {2147483647}\r\nINBOX"),
            "a literal of 2147483647 bytes"),
        new(
            "a folder's name that hides tokens",
            d => d.Say(Step.List, "* LIST () \"/\" {4000}\r\n\"" + new string('(', 3_999)),
            "quotes or line ends in a literal"),
        new(
            "namespaces 60,000 deep",
            d => { d.Capabilities = "IMAP4rev1 NAMESPACE"; d.Say(Step.Namespace, "* NAMESPACE " + new string('(', 60_000)); },
            "nested more than 64 deep"),
        new("an ID answer without an end", d => { d.Capabilities = "IMAP4rev1 ID"; d.Flood(Step.Id, "* ID (", "\"k\" \"v\" "); }, Sent),
        new("EXISTS of four billion", d => d.Exists = "4294967295", null),
        new("EXISTS of a negative number", d => d.Exists = "-5", null),
        new("EXISTS of twenty digits", d => d.Exists = "99999999999999999999", null),
        new("UIDVALIDITY 0", d => d.UidValidity = "0", null),
        new("UIDNEXT of a negative number", d => d.UidNext = "-1", null),
        new("flags without an end", d => d.Flood(Step.Examine, "* FLAGS (", "\\Flag "), Sent),
        new("a folder that changes all the time", d => d.Flood(Step.Examine, "", "* 5 EXISTS\r\n* 4 EXPUNGE\r\n"), Sent),
        new("a greeting one byte at a time", Drip, "Polling:Deadline", IsSlow: true),
        new("silence", d => d.Instead[Step.Greeting] = _ => Silence(d), "did not answer", IsSlow: true),
    ];

    private static void Drip(Dialogue dialogue)
    {
        dialogue.Pace = TimeSpan.FromMilliseconds(200);
        dialogue.Instead[Step.Greeting] = _ => Enumerable.Repeat("x", int.MaxValue).Prepend("* OK ");
    }

    private static IEnumerable<string> Silence(Dialogue dialogue)
    {
        dialogue.Pace = TimeSpan.FromSeconds(8);
        return ["* OK late\r\n"];
    }
}
