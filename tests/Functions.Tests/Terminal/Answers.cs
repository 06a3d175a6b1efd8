namespace EmailIngestion.Functions.Tests.Terminal;

/// <summary>Answers of the functions, as docs and the API description have them.</summary>
internal static class Answers
{
    public const string Status = """
        {"at":"2026-01-31T12:03:20+00:00","circuitBreaker":"closed","version":"0.1.0","process":"poller-1","roles":["poll","consume"],
        "paused":false,"partitions":[{"partition":"","depth":12,"lag":10,"pending":2,"length":120,"settled":108,"vanished":0,
        "vanishedAt":null,"oldestAgeSeconds":34.2,"dlqDepth":3,"bodies":{"count":0,"bytes":0,"released":0,"orphans":null},
        "memoryUsedBytes":13000000,"memoryMaxBytes":104857600,"paused":null,"concurrency":10,
        "rates":{"appendsPerMinute":12.5,"settledPerMinute":11,"deadLettersPerMinute":0},
        "latency":{"queueWait":{"p50":0.012,"p95":0.5,"p99":1.25},"processing":null},"memoryUsedRatio":0.12,"trimFloor":null,
        "history":[null,{"at":"2026-01-31T12:02:00Z","appended":1,"settled":1,"deadLettered":0,"depth":0},
        {"at":"2026-01-31T12:03:00Z","appended":12,"settled":1,"deadLettered":0,"depth":12}],
        "inFlight":[{"mailbox":"ann@example.org/INBOX","uid":41,"entryId":"1700000000000-0","consumer":"c-1","startedAgoSeconds":2.5,
        "deliveryCount":1}],
        "consumers":[{"name":"c-1","pending":2,"idleSeconds":0.4,"paused":false,"oldestInFlightSeconds":2.5},
        {"name":"c-2","pending":0,"idleSeconds":70,"paused":true,"oldestInFlightSeconds":null}],
        "mailboxes":[{"name":"ann@example.org/INBOX","uidValidity":7,"lastUid":41,"lastSuccess":"2026-01-31T12:03:00+00:00","error":null,
        "errorAt":null,"parked":false,"state":"watching","stateText":"Waiting for new mail (IDLE).","until":null,"uidNext":42,"behind":0,
        "lastPollAppended":1,"pollsPerHour":60},
        {"name":"bob@example.org/INBOX","uidValidity":null,"lastUid":null,"lastSuccess":null,"error":"NO [AUTHENTICATIONFAILED]",
        "errorAt":"2026-01-31T12:01:00+00:00","parked":false,"state":"backing off",
        "stateText":"Backing off until 12:03:50 after 3 failed polls: NO [AUTHENTICATIONFAILED]","until":"2026-01-31T12:03:50+00:00",
        "uidNext":null,"behind":null,"lastPollAppended":null,"pollsPerHour":null}],
        "warnings":["3 dead letters wait."],
        "advice":[{"code":"dead-letters","text":"3 dead letters wait.","action":"Look at them: dlq groups."}]}]}
        """;

    public const string DeadLetter = """
        {"id":"1700000000000-0","emailId":"0123456789abcdef0123456789abcdef","mailbox":"ann@example.org/INBOX","uidValidity":7,"uid":41,
        "messageId":"41@example.org","from":"Bob <bob@example.org>","subject":"Invoice [bold]41[/]","date":"2024-01-02T03:04:05.000Z",
        "size":2048,"body":"whole","entryId":"1699999999999-0","reason":"permanent","errorType":"Refused",
        "errorMessage":"Row 1 is wrong","stackTrace":"Refused: Row 1 is wrong\n   at Rows.Read()","fingerprint":"f00d","deliveryCount":1,
        "consumer":"c-1","firstFailure":"2024-01-02T03:04:06.000Z","lastFailure":"2024-01-02T03:04:07.000Z","replays":2,
        "traceParent":null}
        """;

    public const string Page = $$"""{"deadLetters":[{{DeadLetter}}],"after":"1700000000000-0"}""";

    public const string Groups = """
        {"groups":[{"fingerprint":"f00d","count":12,"first":"2024-01-02T03:04:06Z","last":"2024-01-03T03:04:06Z","firstId":"1-0",
        "lastId":"2-0","reason":"permanent","errorType":"Refused","error":"Row # is wrong",
        "mailboxes":[{"name":"a/INBOX","count":5},{"name":"b/INBOX","count":4},{"name":"c/INBOX","count":2},{"name":"d/INBOX","count":1}],
        "example":{"id":"1-0","mailbox":"a/INBOX","from":"Bob","subject":"Hello"}}],"total":1,"after":null}
        """;

    public const string Preview =
        """{"count":12,"until":"2-0","token":"t0","expires":"2024-01-02T03:14:06Z","maxReplays":5,"skipped":1}""";

    public const string Audit = """
        {"entries":[{"id":"9-0","at":"2024-01-02T03:04:06Z","who":"ann","action":"bulk-replay","target":"job-1",
        "filter":{"fingerprint":"f00d"},"count":12,"outcome":"completed"},
        {"id":"8-0","at":"2024-01-02T03:04:05Z","who":"key-1a2b","action":"delete","target":"1-0","filter":null,"count":1,
        "outcome":"done"}],"after":"8-0"}
        """;

    public const string Control = """
        {"paused":[{"scope":"mailbox","name":"ann@example.org/INBOX","since":"2024-01-02T03:04:06Z","who":"ann","reason":"Moving"}],
        "concurrency":[{"partition":"","value":20,"since":"2024-01-02T03:04:06Z","who":"ann"}]}
        """;

    public static string Job(string state, long done = 0, long failed = 0, string? reason = null, string? follows = null) => $$"""
        {"id":"job-1","partition":"","kind":"replay","filter":{"fingerprint":"f00d"},"state":"{{state}}",
        "reason":{{(reason is null ? "null" : $"\"{reason}\"")}},"total":12,"done":{{done}},"skipped":0,"failed":{{failed}},"who":"ann",
        "created":"2024-01-02T03:04:06Z","started":"2024-01-02T03:04:07Z","ended":null,"process":"admin-1",
        "follows":{{(follows is null ? "null" : $"\"{follows}\"")}}}
        """;
}
