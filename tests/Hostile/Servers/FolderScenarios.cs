namespace EmailIngestion.Hostile.Servers;

/// <summary>Attacks of a server on a poll after a folder is open.</summary>
internal static class FolderScenarios
{
    private const string Sent = " sent ";
    private const string Received = "INTERNALDATE \"24-Nov-2026 08:00:00 +0000\"";

    private static readonly string Deep = new('(', 60_000);

    public static IEnumerable<Scenario> All =>
    [
        new("a search of UIDs without an end", d => d.Flood(Step.Search, "* SEARCH", " 7"), Sent),
        new("a search of four billion UIDs", d => Esearch(d, "1:4294967295"), "a list of more than"),
        new("a search of a hundred million UIDs", d => Esearch(d, "1:100000000"), "a list of more than"),
        new("a search of a descending range", d => Esearch(d, "4294967295:1"), "a list of more than"),
        new("a search of many ranges", d => Esearch(d, string.Join(',', Enumerable.Repeat("1:1000000", 5_000))), "a list of more than"),
        new(
            "a search that lists one UID 20,000 times",
            d => d.Say(Step.Search, "* SEARCH" + string.Concat(Enumerable.Repeat(" 2", 20_000)) + "\r\n{tag} OK done\r\n"),
            ""),
        new("a million UIDs, descending, of a large folder", d => { d.Exists = "1000000"; Descending(d); }, "UIDs out of order"),
        new("a search of UID 0", d => d.Say(Step.Search, "* SEARCH 0 1 2 3\r\n{tag} OK done\r\n"), null),
        new("a search of negative UIDs", d => d.Say(Step.Search, "* SEARCH -1 -2\r\n{tag} OK done\r\n"), null),
        new("a search of UIDs of forty digits", d => d.Say(Step.Search, "* SEARCH " + new string('9', 40) + "\r\n{tag} OK done\r\n"), null),
        new("BAD to every SEARCH", d => d.Say(Step.Search, "{tag} BAD \u001b[31m" + new string('z', 3_000) + "\r\n"), ""),
        new("NO to every SEARCH", d => d.Say(Step.Search, "{tag} NO [X \u001b[31m] no\r\n"), ""),
        new(
            "a folder that is refused and folders without an end",
            d => Refused(d, Enumerable.Repeat(string.Concat(Enumerable.Repeat("* LIST () \"/\" aaaaaaaa\r\n", 2_000)), int.MaxValue)),
            "does not open folder"),
        new(
            "a folder that is refused and folders with escape sequences",
            d => Refused(d, ["* LIST () \"/\" \"\u001b[2J" + new string('y', 3_000) + "\"\r\n{tag} OK done\r\n"]),
            "does not open folder"),
        new("BODYSTRUCTURE 60,000 deep", d => d.Say(Step.Envelopes, "* 1 FETCH (BODYSTRUCTURE " + Deep), "nested more than 64 deep"),
        new(
            "BODYSTRUCTURE 60,000 deep with a body",
            d => d.Say(Step.Bodies, "* 1 FETCH (BODYSTRUCTURE " + Deep),
            "nested more than 64 deep"),
        new("an envelope 60,000 deep", d => d.Say(Step.Envelopes, "* 1 FETCH (ENVELOPE " + Deep), "nested more than 64 deep"),
        new("a thread 60,000 deep", d => d.Say(Step.Search, "* THREAD " + Deep), "nested more than 64 deep"),
        new("an unknown item 60,000 deep", d => d.Say(Step.Bodies, "* 1 FETCH (X " + Deep), "nested more than 64 deep"),
        new("60,000 deep, hidden in a literal", d => d.Say(Step.Bodies, "* 1 FETCH (X {60000}\r\nX " + Deep), "a literal of 60000 bytes"),
        new(
            "60,000 deep, hidden behind a BYE",
            d => d.Say(Step.Bodies, "* BYE\r\n* 1 FETCH (UID 1 BODY[] {70000}\r\n* 1 FETCH (X " + Deep),
            Sent),
        new("quotes without an end", d => d.Flood(Step.Envelopes, "* 1 FETCH (INTERNALDATE \"", "x"), Sent),
        new("a line without an end", d => d.Flood(Step.Envelopes, "* 1 FETCH (", "X Y "), Sent),
        new("a flood of envelopes", d => d.Flood(Step.Envelopes, "", $"* 1 FETCH (UID 1 RFC822.SIZE 1 {Received})\r\n"), Sent),
        new("a flood of foreign envelopes", d => Foreign(d, Step.Envelopes, uid => $"* {uid} FETCH (UID {uid} RFC822.SIZE 1)\r\n"), Sent),
        new("a flood of flags", d => d.Flood(Step.Bodies, "", "* 1 FETCH (FLAGS (\\Seen))\r\n"), Sent),
        new("a flood of OK", d => d.Flood(Step.Search, "", "* OK still here\r\n"), Sent),
        new("a flood of response codes", d => d.Flood(Step.Bodies, "", "* OK [ALERT] " + new string('x', 900) + "\r\n"), Sent),
        new("sizes of twenty digits", d => d.Fetch(Step.Envelopes, uid => $"UID {uid} RFC822.SIZE 99999999999999999999"), null),
        new("sizes of a negative number", d => d.Fetch(Step.Envelopes, uid => $"UID {uid} RFC822.SIZE -1"), null),
        new("sizes of four gigabytes", d => d.Fetch(Step.Envelopes, uid => $"UID {uid} RFC822.SIZE 4294967295 {Received}"), null),
        new(
            "no sizes and a literal of 2 GiB",
            d =>
            {
                d.Fetch(Step.Envelopes, uid => $"UID {uid} {Received}");
                d.Flood(Step.Bodies, "* 1 FETCH (UID 1 BODY[] {2147483647}\r\n", "x");
            },
            "a literal of 2147483647 bytes"),
        new(
            "a literal of 2 GiB for 22 bytes",
            d => d.Flood(Step.Bodies, "* 1 FETCH (UID 1 BODY[] {2147483647}\r\n", "x"),
            "a literal of 2147483647 bytes"),
        new("bodies of 50 MB that were announced as 30 bytes", Swollen, "a literal of 50000000 bytes"),
        new(
            "a literal of 4 GiB for 22 bytes",
            d => d.Flood(Step.Bodies, "* 1 FETCH (UID 1 BODY[] {4294967318}\r\n", "x"),
            "a literal of 4294967318 bytes"),
        new("a literal of a negative size", d => d.Flood(Step.Bodies, "* 1 FETCH (UID 1 BODY[] {-1}\r\n", "x"), "size is not well formed"),
        new("a literal whose size has no end", d => d.Flood(Step.Bodies, "* 1 FETCH (UID 1 BODY[] {", "1"), Sent),
        new("a literal longer than its size", d => d.Say(Step.Bodies, "* 1 FETCH (UID 1 BODY[] {5}\r\n" + new string('(', 100_000)), Sent),
        new(
            "a literal shorter than its size",
            d => { d.Say(Step.Bodies, "* 1 FETCH (UID 1 BODY[] {1000}\r\nabc"); d.HangsUp.Add(Step.Bodies); },
            "unexpectedly disconnected"),
        new(
            "bodies of others",
            d => d.Flood(Step.Bodies, "", "* 9 FETCH (UID 900 BODY[] {10000}\r\n" + new string('x', 10_000) + ")\r\n"),
            "bytes of bodies"),
        new(
            "one body without an end",
            d => d.Flood(Step.Bodies, "", "* 1 FETCH (UID 1 BODY[] {22}\r\n" + Dialogue.Body(1) + ")\r\n"),
            Sent),
        new(
            "bodies without a UID",
            d => d.Flood(Step.Bodies, "", "* 1 FETCH (BODY[] {10000}\r\n" + new string('x', 10_000) + ")\r\n"),
            "bytes of bodies"),
        new("empty bodies without an end", d => d.Flood(Step.Bodies, "", "* 1 FETCH (UID 1 BODY[] NIL)\r\n"), Sent),
        new("a list that ends nowhere", d => d.Flood(Step.Bodies, "", "* 1 FETCH (UID 1\r\n"), "ends within a list"),
        new("NO in place of a body", d => d.Say(Step.Bodies, "{tag} NO [SERVERBUG] \u001b[31m" + new string('z', 3_000) + "\r\n"), null),
        new("BAD in place of a body", d => d.Say(Step.Bodies, "{tag} BAD \u001b[31m" + new string('z', 3_000) + "\r\n"), "zzz"),
        new("BYE in place of a body", d => { d.Say(Step.Bodies, "* BYE \u0007\u001b[31mbye\r\n"); d.HangsUp.Add(Step.Bodies); }, null),
        new(
            "a header of 100 MB",
            d =>
            {
                d.Fetch(Step.Envelopes, uid => $"UID {uid} RFC822.SIZE 99999999 {Received}");
                d.Flood(Step.Header, "* 1 FETCH (UID 1 BODY[HEADER]<0> {100000000}\r\n", "x");
            },
            "a literal of 100000000 bytes"),
        new("NUL bytes without an end", d => d.Flood(Step.Bodies, "* ", "\0"), Sent),
        new(
            "a body one byte at a time",
            d =>
            {
                d.Pace = TimeSpan.FromMilliseconds(100);
                d.Instead[Step.Bodies] = _ => Enumerable.Repeat("x", 22).Prepend("* 1 FETCH (UID 1 BODY[] {22}\r\n");
            },
            null, IsSlow: true),
    ];

    private static void Esearch(Dialogue dialogue, string set)
    {
        dialogue.Capabilities = "IMAP4rev1 ESEARCH";
        dialogue.Say(Step.Search, $"* ESEARCH (TAG \"{{tag}}\") UID ALL {set}\r\n{{tag}} OK done\r\n");
    }

    private static void Swollen(Dialogue dialogue)
    {
        dialogue.Fetch(Step.Envelopes, uid => $"UID {uid} RFC822.SIZE 30 {Received}");
        dialogue.Instead[Step.Bodies] = command => command.Text.Contains("]<0.", StringComparison.Ordinal)
            ? Enumerable.Range(1, 3).Select(uid => $"* {uid} FETCH (UID {uid} RFC822.SIZE 30 BODY[]<0> {{5}}\r\nHello)\r\n")
                .Append("{tag} OK done\r\n")
            : Enumerable.Range(1, 3).SelectMany(uid => Enumerable.Repeat(new string('x', 1_000_000), 50)
                .Prepend($"* {uid} FETCH (UID {uid} BODY[] {{50000000}}\r\n").Append(")\r\n"));
    }

    private static void Refused(Dialogue dialogue, IEnumerable<string> folders)
    {
        dialogue.Say(Step.Examine, "{tag} NO gone\r\n");
        dialogue.Instead[Step.List] = command => command.Text.Contains('*', StringComparison.Ordinal)
            ? folders
            : ["* LIST () \"/\" \"\"\r\n{tag} OK done\r\n"];
    }

    private static void Descending(Dialogue dialogue) => dialogue.Instead[Step.Search] = _ => Enumerable
        .Range(0, 1_000).Select(block =>
            string.Concat(Enumerable.Range(0, 1_000).Select(i => $" {4_000_000_000u - (uint)(2_000 * block) - (uint)(2 * i)}")))
        .Prepend("* SEARCH").Append("\r\n{tag} OK done\r\n");

    private static void Foreign(Dialogue dialogue, Step step, Func<int, string> line) =>
        dialogue.Instead[step] = _ => Enumerable.Range(4, 10_000_000).Chunk(1_000).Select(uids => string.Concat(uids.Select(line)));
}
