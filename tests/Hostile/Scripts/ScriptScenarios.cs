using EmailIngestion.Streams;
using Lua = EmailIngestion.Streams.Scripts;

namespace EmailIngestion.Hostile.Scripts;

/// <summary>A scenario for every script, and their common initial state.</summary>
internal static class ScriptScenarios
{
    private const string Name = "email_ingestion_consumer:one";
    private const string Free = "email_ingestion_consumer:three";

    /// <summary>A space within a word of a command.</summary>
    public const char Space = '\u2423';

    private static readonly StreamKeys Keys = new("");
    private static readonly string Stream = Keys.Stream!;
    private static readonly string DeadLetters = Keys.DeadLetters!;
    private static readonly string Audit = Keys.Audit!;
    private static readonly string Control = Keys.Control!;
    private static readonly string Mailboxes = Keys.Mailboxes!;
    private static readonly string Cursor = Keys.Cursor("m")!;
    private static readonly string Today = Keys.ProcessedIds(new DateOnly(2026, 1, 2))!;
    private static readonly string Yesterday = Keys.ProcessedIds(new DateOnly(2026, 1, 1))!;
    private static readonly string Digests = Keys.Digests("m", new DateOnly(2026, 1, 2))!;
    private static readonly string FormerDigests = Keys.Digests("m", new DateOnly(2026, 1, 1))!;
    private static readonly string DigestLog = Keys.DigestLog("m", new DateOnly(2026, 1, 2))!;
    private static readonly string Large = Keys.NewestLarge!;
    private static readonly string Vanished = Keys.Vanished!;
    private static readonly string Postponed = Keys.Postponed!;
    private static readonly string Referers = Keys.Bodies.Referers!;
    private static readonly string Body = Keys.Bodies.Body("ab-12")!;
    private static readonly string Released = Keys.Bodies.Released!;
    private static readonly string Message = Keys.DeadLetterBody("5-1")!;
    private static readonly string Index = Keys.DeadLetterIndex!;
    private static readonly string Groups = Keys.DeadLetterGroups!;
    private static readonly string Jobs = Keys.Jobs!;
    private static readonly string OpenJobs = Keys.OpenJobs!;
    private static readonly string Job = Keys.Job("1")!;
    private static readonly string JobLock = Keys.JobLock("dead-letters")!;
    private static readonly string Preview = Keys.Preview("ab")!;
    private static readonly string Notes = Keys.Notes("m")!;
    private static readonly string Unmade = Keys.NotesUnmade!;
    private static readonly string NoLog = Keys.DigestLog("m", new DateOnly(2026, 1, 1))!;

    /// <summary>A stream with a delivery of each kind, a cursor, a dead letter, an audit, digests and names.</summary>
    public static IReadOnlyList<string> State =>
    [
        $"XADD {Stream} 1-1 version 1 id 0123456789abcdef mailbox m uid 1 raw hello",
        $"XADD {Stream} 1-2 version 1 id 0123456789abcdeg mailbox m uid 2 raw hello",
        $"XADD {Stream} 1-3 version 1 id 0123456789abcdeh mailbox m uid 3 raw hello",
        $"XGROUP CREATE {Stream} {StreamKeys.Group} 0",
        $"XREADGROUP GROUP {StreamKeys.Group} one COUNT 2 STREAMS {Stream} >",
        $"XGROUP CREATECONSUMER {Stream} {StreamKeys.Group} two",
        $"HSET {Cursor} epoch 1 uidvalidity 7 last 3 since 1 first 1 missing 0",
        $"XADD {DeadLetters} 5-1 body apart entry 0-1 reason permanent version 1 mailbox m uid 9 first-failure then replays 0",
        $"SET {Keys.DeadLetterBody("5-1")} hello",
        $"XADD {Audit} 1-1 what something",
        $"SADD {Mailboxes} m",
        $"SADD {Yesterday} an-id",
        $"HSET {FormerDigests} 0:known 2",
        $"RPUSH {DigestLog} 0:\u0002ab\u0002cd",
        $"SET {Name} holder",
        $"SET {Large} 1-2",
        $"HSET {Vanished} known 0-1 count 2 told 1 which 0-1",
        $"HSET {Postponed} 1-1 1",
    ];

    private static string[] Reference(string store, string name = "ab-12") =>
        ["raw-store", store, "raw-name", name, "raw-size", "5", "raw-sha256", "12"];

    // Entry 1-2 refers to its body, and so does the dead letter 5-2.
    private static string[] Stored(string store) =>
    [
        $"XDEL {Stream} 1-2",
        $"XDEL {Stream} 1-3",
        $"XGROUP SETID {Stream} {StreamKeys.Group} 1-3",
        $"XADD {Stream} 1-4 version 1 id 0123456789abcdeg mailbox m uid 2 {string.Join(' ', Reference(store))}",
        $"XREADGROUP GROUP {StreamKeys.Group} one COUNT 1 STREAMS {Stream} >",
        $"XADD {DeadLetters} 5-2 body stored entry 0-1 reason permanent version 1 mailbox m uid 9 {string.Join(' ', Reference(store))}",
        $"SET {Body} hello",
        $"HSET {Referers} ab-12 5{Space}s:1-4{Space}d:5-2 bytes 5",
        $"ZADD {Keys.Bodies.Released} 1 cd-34",
    ];

    // The referer of which a script removes the last one.
    private static string[] Last(string store, string referer) => [.. Stored(store), $"HSET {Referers} ab-12 5{Space}{referer}"];

    // A dead letter in the index, and a job that may change it.
    private static string[] Indexed =>
    [
        $"XADD {DeadLetters} 5-3 body none fingerprint f version 1 mailbox m",
        $"ZADD {Index} 0 :A5A1:m 0 f:A5A3:m",
        $"ZADD {Groups} 1 f",
        $"HSET {Keys.DeadLetterGroup("")} m 1",
        $"HSET {Keys.DeadLetterGroup("f")} m 1",
        $"HSET {Job} state running done 3 skipped 1 position 4-1 kind replay",
        $"SET {JobLock} holder",
        $"ZADD {Jobs} 1 1",
        $"ZADD {OpenJobs} 1 1",
    ];

    private static string[] Misindexed => [.. Indexed, $"ZREM {Index} f:A5A3:m", $"ZADD {Index} 0 f:A5A9:m", $"ZADD {Groups} 7 gone"];

    // Free bytes, room, largest large entry, exclusive: everything fits.
    private static readonly string[] Room = ["1000000", "1000000", "1000000", "1"];

    public static IReadOnlyList<ScriptScenario> All =>
    [
        new(nameof(Lua.Append), [Stream, DeadLetters, Cursor, Digests, FormerDigests, NoLog, Notes, Unmade, Large, Referers],
        [
            "1", "3", "0", "100", "1", "", "3", "h:7:1:", "m", "100",
            "4", "e", "known", "4", "uid", "4", "raw", "hello",
            "5", "e", "fresh", "4", "uid", "5", "raw", "hello",
            "6", "d", "other", "6", "uid", "6", "body", "headers", "raw", "hello",
        ]),
        new(nameof(Lua.Append), [Stream, DeadLetters, Cursor, Digests, FormerDigests, NoLog, Notes, Unmade, Large, Referers],
        [
            "1", "3", "0", "100", "1", "", "3", "", "m", "100",
            "4", "e", "fresh", "4", "uid", "4", "raw", "hello",
            "5", "r", "other", "10", "uid", "5", .. Reference("redis"),
            "6", "r", "third", "10", "uid", "6", .. Reference("folder", "cd-34"),
        ])
        {
            Setup = [$"SET {Body} hello"],
        },
        new(nameof(Lua.Append), [Stream, DeadLetters, Cursor, Digests, FormerDigests, NoLog, Notes, Unmade, Large, Referers],
            ["1", "3", "0", "100", "1", "", "1", "", "m", "100", "5", "r", "other", "10", "uid", "5", .. Reference("redis")])
        {
            Setup = [$"SET {Keys.Bodies.Staged("ab-12")} hello EX 100"],
        },
        // A backfill, below the cursor.
        new(nameof(Lua.Append), [Stream, DeadLetters, Cursor, Digests, FormerDigests, NoLog, Notes, Unmade, Large, Referers],
        [
            "1", "1", "0", "100", "1", "1", "2", "", "m", "100",
            "2", "e", "fresh", "4", "uid", "2", "raw", "hello",
            "3", "d", "other", "6", "uid", "3", "body", "headers", "raw", "hello",
        ])
        {
            Setup = [$"HSET {Cursor} backfill_job 1 backfill_last 1 backfill_appended 4"],
        },
        new(nameof(Lua.BeginBackfill), [Cursor, Job, JobLock], ["1", "holder"]) { Setup = Indexed },
        new(nameof(Lua.EmailIds), [Stream], ["-", "m", "100", "1000000"]),
        new(nameof(Lua.AppendClose), [Stream, Cursor, DigestLog, Large], ["1", "3", "4", "1", "0", "100", "1"])
        {
            Setup = [$"HSET {Cursor} open 2"], TakesBack = [DigestLog],
        },
        new(nameof(Lua.AppendOpen), [Stream, Cursor], []),
        // Two bodies whose referers are gone, one of them in Redis, one that an entry refers to, and one that nothing refers to.
        new(nameof(Lua.BodyReferers), [Referers, Stream, DeadLetters, Keys.Bodies.Released!], ["1", "ab/12", "cd-34", "ef/56", "ab/78"])
        {
            Setup =
            [
                $"HSET {Keys.Bodies.Referers} ab/12 s:9-9 cd-34 d:9-9 ef/56 s:1-1 bytes 5", $"SET {Keys.Bodies.Body("cd-34")} hello",
            ],
        },
        new(
            nameof(Lua.DeadLetter), [Stream, DeadLetters, Vanished, Postponed, Referers],
            [StreamKeys.Group, "one", "1-1", "1", "now", "", "", "100", "entry", "1-1", "reason", "permanent"]),
        new(
            nameof(Lua.DeadLetter), [Stream, DeadLetters, Vanished, Postponed, Referers],
            [StreamKeys.Group, "one", "1-4", "1", "now", "", "", "100", "entry", "1-4", "reason", "permanent"])
        {
            Setup = Stored("redis"),
        },
        // With a note; then above the limit of notes.
        new(
            nameof(Lua.DeadLetter), [Stream, DeadLetters, Vanished, Postponed, Referers, Notes, Unmade],
            [StreamKeys.Group, "one", "1-1", "1", "now", "d:7:1:1", "m", "100", "entry", "1-1", "reason", "permanent"]),
        new(
            nameof(Lua.DeadLetter), [Stream, DeadLetters, Vanished, Postponed, Referers, Notes, Unmade],
            [StreamKeys.Group, "one", "1-1", "1", "now", "d:7:1:1", "m", "1", "entry", "1-1", "reason", "permanent"])
        {
            Setup = [$"ZADD {Notes} 1 c:7:1:9", $"HSET {Unmade} m 3"],
        },
        new(nameof(Lua.DeleteDeadLetter), [DeadLetters, Audit, Referers], ["5-1", "who", "now", "10"]),
        new(nameof(Lua.DeleteDeadLetter), [DeadLetters, Audit, Referers], ["5-2", "who", "now", "10"]) { Setup = Last("redis", "d:5-2") },
        new(nameof(Lua.DeleteDeadLetter), [DeadLetters, Audit, Referers], ["5-2", "who", "now", "10"]) { Setup = Last("folder", "d:5-2") },
        new(nameof(Lua.DeleteDeadLetter), [DeadLetters, Audit, Referers, Released, Message, Job, JobLock],
            ["5-1", "who", "now", "10", "holder", "2"])
        {
            Setup = Indexed,
        },
        new(nameof(Lua.Digests), [DigestLog, Digests], ["20"]),
        new(nameof(Lua.Download), [Keys.Downloads("digest")!], ["100", "5", "1000", "0"])
        {
            Setup = [$"HSET {Keys.Downloads("digest")} 0 100:7 24 99:8 1 51:9"],
        },
        new(nameof(Lua.ReleaseLock), [Name], ["holder"]),
        new(nameof(Lua.Register), [Stream], [StreamKeys.Group, "three"]),
        new(nameof(Lua.Epoch), [Cursor, Mailboxes], ["1", "2", "8", "0", "123", "another", "100"]),
        new(nameof(Lua.Group), [$"{Stream}_new"], [StreamKeys.Group]),
        new(nameof(Lua.AcquireLock), [Free], ["holder", "100000"]),
        new(nameof(Lua.Unregister), [Stream, Name], [StreamKeys.Group, "two", "holder"]),
        new(nameof(Lua.DeadLetters), [DeadLetters], ["-", "+", "10", "4096", "1000000"]),
        new(nameof(Lua.MatchDeadLetters), [DeadLetters], ["-", "+", "0", "10", "1000000", "100", "f", ""]) { Setup = Indexed },
        new(nameof(Lua.Groups), [DeadLetters], ["", "0", "10", "", "0"]) { Setup = Indexed },
        // The index has one dead letter that is gone, and not the one that is there.
        new(nameof(Lua.IndexDeadLetters), [DeadLetters], ["-", "10", "1000000"]) { Setup = Misindexed },
        new(nameof(Lua.PruneIndex), [DeadLetters], ["-", "10", "1000000"]) { Setup = Misindexed },
        new(nameof(Lua.CheckGroups), [DeadLetters], ["0", "10", "100"]) { Setup = Misindexed },
        new(nameof(Lua.JobCreate), [Jobs, OpenJobs, "email_ingestion_job:2", Audit, Preview],
            ["2", "2", "1", "5", "10", "4", "kind", "replay", "state", "queued", "who", "me"])
        {
            Setup = [.. Indexed, $"SET {Preview} shown", $"ZREM {OpenJobs} 1"],
        },
        new(nameof(Lua.JobUpdate), [Job, OpenJobs, Audit, JobLock],
            ["1", "holder", "completed", "10", "2", "done", "1", "2", "reason", "", "who", "me"])
        {
            Setup = Indexed,
        },
        new(nameof(Lua.Preview), [Preview], ["shown", "100000"]),
        new(nameof(Lua.WriteAudit), [Audit], ["10", "who", "me"]),
        new(nameof(Lua.StreamLoad), [Stream], []),
        new(nameof(Lua.Control), [Control, Audit],
            ["who", "pause", "everything", "now", "10", "done: why", "everything", "{}", "consumers", ""])
        {
            Setup = [$"HSET {Control} consumers 1 mailbox:m 1"],
        },
        new(nameof(Lua.Forget), [Cursor, Audit], ["4", "1000000", "who", "now", "10", "m"])
        {
            Setup = [$"HSET {Cursor} missing_uid 4 missing 1"],
        },
        new(nameof(Lua.History), [Keys.History!], ["65", "1", "2", "3", "4", "1", "q5", "2"])
        {
            Setup =
            [
                $"HSET {Keys.History} 1 65{Space}1{Space}1{Space}1{Space}1",
                $"HSET {Keys.History} latency:1 65{Space}1{Space}q5:1",
            ],
        },
        new(nameof(Lua.TakeRequest), [Control], ["poll:m", "1"]) { Setup = [$"HSET {Control} poll:m 1"] },
        new(nameof(Lua.CountStops), [Cursor], ["1", "4"]),
        new(nameof(Lua.KeepToken), [Keys.RefreshToken("digest")!], ["1", "encrypted"])
        {
            Setup = [$"HSET {Keys.RefreshToken("digest")} version 1 token encrypted"],
        },
        new(nameof(Lua.ListDeliveries), [Stream], [StreamKeys.Group, "-", "10", "1000000", "100", ""]),
        new(nameof(Lua.Progress), [Stream, Cursor], []),
        new(nameof(Lua.Oldest), [Stream], ["1-1"]),
        new(nameof(Lua.Postpone), [Stream, Postponed], [StreamKeys.Group, "one", "(retry)", "60000", "1-1", "1", "5", "120000", "1000000"]),
        new(nameof(Lua.Processed), [Stream, Large, Today, Yesterday], [StreamKeys.Group, "1-1", "an-id", "another"]),
        new(
            nameof(Lua.ReadNew), [Stream, Large],
            [StreamKeys.Group, "two", "(retry)", "(large)", "60000", "10", "1000000", "1000000", .. Room, ""]),
        new(nameof(Lua.Reap), [Stream], [StreamKeys.Group, StreamKeys.ConsumerPrefix, "", "#", "0"]),
        new(nameof(Lua.Reclaim), [Stream, Vanished, Postponed],
            [StreamKeys.Group, "two", "(retry)", "0", "-", "10", "3", "5", "0", "(large)", "0", "1", "1", "9-1", "9-2", "9-3"]),
        new(nameof(Lua.Recover), [Stream, Vanished], [StreamKeys.Group, "one", "(retry)", "60000", "10", "0", "9-1"]),
        new(nameof(Lua.ReleasedBodies), [Keys.Bodies.Released!], ["1000", "10", "0", "ab/12"])
        {
            Setup = [$"ZADD {Keys.Bodies.Released} 1 ab/12 2 cd/34"],
        },
        new(nameof(Lua.Release), [Stream], [StreamKeys.Group, "one", "(retry)", "0", "0", "1-1", "1", "1-2", "1"]),
        new(nameof(Lua.Renew), [Stream], [StreamKeys.Group, "one", "1-1", "1", "1-2", "1"]),
        new(nameof(Lua.Replay), [Stream, DeadLetters, Audit, Large, Referers],
            ["5-1", "0", "who", "now", "10", "", "0", .. EntryFields.OnlyInDeadLetters.Select(name => name.ToString())]),
        new(nameof(Lua.Replay), [Stream, DeadLetters, Audit, Large, Referers],
            ["5-2", "0", "who", "now", "10", "", "0", .. EntryFields.OnlyInDeadLetters.Select(name => name.ToString())])
        {
            Setup = Stored("redis"),
        },
        new(nameof(Lua.Replay), [Stream, DeadLetters, Audit, Large, Referers, Released, Message, Job, JobLock],
            ["5-1", "0", "who", "now", "10", "holder", "2", .. EntryFields.OnlyInDeadLetters.Select(name => name.ToString())])
        {
            Setup = Indexed,
        },
        new(nameof(Lua.Report), [Cursor, Mailboxes], ["another", "error", "text"]),
        new(nameof(Lua.Rights), [Stream], [Stream, "stream", "1", "XADD"]),
        new(
            nameof(Lua.Settle), [Stream, Today, Yesterday, Postponed, Referers],
            [StreamKeys.Group, "one", "100", "100", "2", "0", "0", "1-1", "1-2", "id-one", "id-two"]),
        // The second one has another delivery count, and is not settled.
        new(
            nameof(Lua.Settle), [Stream, Today, Yesterday, Postponed, Referers],
            [StreamKeys.Group, "one", "100", "100", "2", "1", "0", "1-1", "1-2", "id-one", "id-two", "2", "5"]),
        // With notes; the last one is above the limit.
        new(
            nameof(Lua.Settle), [Stream, Today, Yesterday, Postponed, Referers, Notes, Unmade],
            [
                StreamKeys.Group, "one", "100", "2", "2", "0", "0", "1-1", "1-2", "id-one", "id-two",
                "1", "6", "7", "m", "c:7:1:1", "2", "6", "7", "m", "c:7:1:2",
            ])
        {
            Setup = [$"ZADD {Notes} 1 c:7:1:9", $"HSET {Unmade} m 3"],
        },
        new(
            nameof(Lua.Settle), [Stream, Today, Yesterday, Postponed, Referers],
            [StreamKeys.Group, "one", "100", "100", "2", "0", "1", "1-1", "1-4", "id-one", "id-two", "2", "redis", "ab-12"])
        {
            Setup = Last("redis", "s:1-4"),
        },
        new(
            nameof(Lua.Settle), [Stream, Today, Yesterday, Postponed, Referers],
            [StreamKeys.Group, "one", "100", "100", "2", "0", "1", "1-1", "1-4", "id-one", "id-two", "2", "folder", "ab-12"])
        {
            Setup = Last("folder", "s:1-4"),
        },
        new(nameof(Lua.Slots), [Stream, DeadLetters], []),
        new(nameof(Lua.Sweep), [Stream, Vanished], ["-", "100", "1000000"])
        {
            Setup = [$"XGROUP SETID {Stream} {StreamKeys.Group} 1-3", $"XACK {Stream} {StreamKeys.Group} 1-2"],
        },
        new(nameof(Lua.TakeVanished), [Vanished], []),
        new(nameof(Lua.Trim), [Stream, Vanished], [StreamKeys.Group, "1"]) { Setup = [$"XACK {Stream} {StreamKeys.Group} 1-1"] },
    ];
}
