using EmailIngestion.Redis;

namespace EmailIngestion.Streams;

/// <summary>The Redis scripts. Each is a file under Lua/, which lists its keys, arguments, return values and invariant.</summary>
internal static class Scripts
{
    public static readonly string Append = ScriptLoader.Load("append");
    public static readonly string AppendClose = ScriptLoader.Load("append-close");
    public static readonly string AppendOpen = ScriptLoader.Load("append-open");
    public static readonly string BeginBackfill = ScriptLoader.Load("begin-backfill");
    public static readonly string BodyReferers = ScriptLoader.Load("body-referers");
    public static readonly string DeadLetter = ScriptLoader.Load("dead-letter");
    public static readonly string DeleteDeadLetter = ScriptLoader.Load("delete-dead-letter");
    public static readonly string Digests = ScriptLoader.Load("digests");
    public static readonly string Download = ScriptLoader.Load("download");
    public static readonly string ReleaseLock = ScriptLoader.Load("release-lock");
    public static readonly string Register = ScriptLoader.Load("register");
    public static readonly string EmailIds = ScriptLoader.Load("email-ids");
    public static readonly string Epoch = ScriptLoader.Load("epoch");
    public static readonly string Forget = ScriptLoader.Load("forget");
    public static readonly string Group = ScriptLoader.Load("group");
    public static readonly string Groups = ScriptLoader.Load("groups");
    public static readonly string IndexDeadLetters = ScriptLoader.Load("index-dead-letters");
    public static readonly string JobCreate = ScriptLoader.Load("job-create");
    public static readonly string JobUpdate = ScriptLoader.Load("job-update");
    public static readonly string MatchDeadLetters = ScriptLoader.Load("match-dead-letters");
    public static readonly string Preview = ScriptLoader.Load("preview");
    public static readonly string PruneIndex = ScriptLoader.Load("prune-index");
    public static readonly string WriteAudit = ScriptLoader.Load("write-audit");
    public static readonly string AcquireLock = ScriptLoader.Load("acquire-lock");
    public static readonly string Unregister = ScriptLoader.Load("unregister");
    public static readonly string DeadLetters = ScriptLoader.Load("list-dead-letters");
    public static readonly string ListDeliveries = ScriptLoader.Load("list-deliveries");
    public static readonly string StreamLoad = ScriptLoader.Load("stream-load");
    public static readonly string CheckGroups = ScriptLoader.Load("check-groups");
    public static readonly string Control = ScriptLoader.Load("control");
    public static readonly string CountStops = ScriptLoader.Load("count-stops");
    public static readonly string Progress = ScriptLoader.Load("progress");
    public static readonly string Oldest = ScriptLoader.Load("oldest");
    public static readonly string Postpone = ScriptLoader.Load("postpone");
    public static readonly string KeepToken = ScriptLoader.Load("keep-token");
    public static readonly string Processed = ScriptLoader.Load("processed");
    public static readonly string ReadNew = ScriptLoader.Load("read");
    public static readonly string Reap = ScriptLoader.Load("reap");
    public static readonly string Reclaim = ScriptLoader.Load("reclaim");
    public static readonly string Recover = ScriptLoader.Load("recover");
    public static readonly string ReleasedBodies = ScriptLoader.Load("released-bodies");
    public static readonly string Release = ScriptLoader.Load("release");
    public static readonly string Renew = ScriptLoader.Load("renew");
    public static readonly string Replay = ScriptLoader.Load("replay");
    public static readonly string Report = ScriptLoader.Load("report");
    public static readonly string Rights = ScriptLoader.Load("rights");
    public static readonly string Settle = ScriptLoader.Load("settle");
    public static readonly string Slots = ScriptLoader.Load("slots");
    public static readonly string Sweep = ScriptLoader.Load("sweep");
    public static readonly string History = ScriptLoader.Load("history");
    public static readonly string TakeRequest = ScriptLoader.Load("take-request");
    public static readonly string TakeVanished = ScriptLoader.Load("take-vanished");
    public static readonly string Trim = ScriptLoader.Load("trim");
}
