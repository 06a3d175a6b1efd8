using System.Globalization;
using System.Text;

namespace EmailIngestion.Hostile.Servers;

/// <summary>The answers of a mail server: correct, for a few emails, except where a scenario changes them.</summary>
internal sealed class Dialogue
{
    /// <summary>The number of emails; their UIDs start at 1.</summary>
    public uint Count { get; set; } = 3;

    /// <summary>The values of EXISTS, UIDVALIDITY and UIDNEXT.</summary>
    public string Exists { get; set; } = "3";

    public string UidValidity { get; set; } = "7";

    public string UidNext { get; set; } = "4";

    public string Capabilities { get; set; } = "IMAP4rev1";

    /// <summary>The time between two pieces of an answer.</summary>
    public TimeSpan Pace { get; set; }

    /// <summary>The answers that replace the correct ones, in pieces. {tag} stands for the command's tag. They may be endless.</summary>
    public Dictionary<Step, Func<Command, IEnumerable<string>>> Instead { get; } = [];

    /// <summary>The steps after whose answer the connection ends.</summary>
    public HashSet<Step> HangsUp { get; } = [];

    public static string Body(uint uid) => $"Subject: {uid}\r\n\r\nBody {uid}\r\n";

    /// <summary>Replaces an answer by this text.</summary>
    public Dialogue Say(Step step, params string[] pieces)
    {
        Instead[step] = _ => pieces;
        return this;
    }

    /// <summary>Replaces an answer by the first piece, followed by the second piece endlessly.</summary>
    public Dialogue Flood(Step step, string first, string then)
    {
        var block = string.Concat(Enumerable.Repeat(then, Math.Max(1, 64 * 1024 / then.Length)));
        Instead[step] = _ => Enumerable.Repeat(block, int.MaxValue).Prepend(first);
        return this;
    }

    /// <summary>Replaces the answer to a FETCH by this text for every email.</summary>
    public Dialogue Fetch(Step step, Func<uint, string> item)
    {
        Instead[step] = command => Asked(command).Select(uid => $"* {uid} FETCH ({item(uid)})\r\n").Append("{tag} OK done\r\n");
        return this;
    }

    public IEnumerable<byte[]> Answer(Step step, Command command)
    {
        var pieces = Instead.TryGetValue(step, out var instead) ? instead(command) : Honest(step, command);
        return pieces.Select(piece => Encoding.Latin1.GetBytes(piece.Replace("{tag}", command.Tag, StringComparison.Ordinal)));
    }

    private IEnumerable<string> Honest(Step step, Command command) => step switch
    {
        Step.Greeting => [$"* OK [CAPABILITY {Capabilities}] ready\r\n"],
        Step.Capability => [$"* CAPABILITY {Capabilities}\r\n{{tag}} OK done\r\n"],
        Step.List => ["* LIST () \"/\" INBOX\r\n{tag} OK done\r\n"],
        Step.Examine =>
        [
            $"* {Exists} EXISTS\r\n* FLAGS ()\r\n* OK [UIDVALIDITY {UidValidity}] valid\r\n"
            + $"* OK [UIDNEXT {UidNext}] next\r\n{{tag}} OK [READ-ONLY] done\r\n",
        ],
        Step.Search => [$"* SEARCH {string.Join(' ', Asked(command))}\r\n{{tag}} OK done\r\n"],
        Step.Envelopes => Items(command, uid => $"RFC822.SIZE {Body(uid).Length} INTERNALDATE \"24-Nov-2026 08:00:00 +0000\""),
        Step.Bodies => Items(command, uid => $"BODY[] {{{Body(uid).Length}}}\r\n{Body(uid)}"),
        Step.Header => Items(command, uid => $"BODY[HEADER]<0> {{13}}\r\nSubject: x\r\n\r\n"),
        _ => ["{tag} OK done\r\n"],
    };

    private IEnumerable<string> Items(Command command, Func<uint, string> item) =>
        Asked(command).Select(uid => $"* {uid} FETCH (UID {uid} {item(uid)})\r\n").Append("{tag} OK done\r\n");

    // The UIDs in the command's set; a SEARCH without one asks for all.
    private IEnumerable<uint> Asked(Command command)
    {
        var set = command.Text.Split(' ').Skip(2).FirstOrDefault(word => word.Length > 0 && char.IsAsciiDigit(word[0])) ?? "1:*";
        return Enumerable.Range(1, (int)Count).Select(uid => (uint)uid)
            .Where(uid => set.Split(',').Any(range => Holds(range.Split(':'), uid)));
    }

    private static bool Holds(string[] range, uint uid) =>
        uint.TryParse(range[0], CultureInfo.InvariantCulture, out var from) && from <= uid
        && (range[^1] == "*" || (uint.TryParse(range[^1], CultureInfo.InvariantCulture, out var to) && to >= uid));
}
