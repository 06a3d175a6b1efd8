using EmailIngestion.Redis;

namespace EmailIngestion.Streams;

/// <summary>The Redis scripts, each in a file of its own under Lua/ with its keys, arguments, returns and the invariant it keeps.</summary>
internal static class Scripts
{
    public static readonly string Append = ScriptLoader.Load("append");
    public static readonly string AppendClose = ScriptLoader.Load("append-close");
    public static readonly string AppendOpen = ScriptLoader.Load("append-open");
    public static readonly string Bury = ScriptLoader.Load("bury");
    public static readonly string Delete = ScriptLoader.Load("delete");
    public static readonly string Digests = ScriptLoader.Load("digests");
    public static readonly string Drop = ScriptLoader.Load("drop");
    public static readonly string Enter = ScriptLoader.Load("enter");
    public static readonly string Epoch = ScriptLoader.Load("epoch");
    public static readonly string Group = ScriptLoader.Load("group");
    public static readonly string Hold = ScriptLoader.Load("hold");
    public static readonly string Leave = ScriptLoader.Load("leave");
    public static readonly string Letters = ScriptLoader.Load("letters");
    public static readonly string LoadOfStream = ScriptLoader.Load("load");
    public static readonly string Missing = ScriptLoader.Load("missing");
    public static readonly string Needed = ScriptLoader.Load("needed");
    public static readonly string Oldest = ScriptLoader.Load("oldest");
    public static readonly string Postpone = ScriptLoader.Load("postpone");
    public static readonly string Processed = ScriptLoader.Load("processed");
    public static readonly string ReadNew = ScriptLoader.Load("read");
    public static readonly string Reap = ScriptLoader.Load("reap");
    public static readonly string Reclaim = ScriptLoader.Load("reclaim");
    public static readonly string Recover = ScriptLoader.Load("recover");
    public static readonly string Release = ScriptLoader.Load("release");
    public static readonly string Renew = ScriptLoader.Load("renew");
    public static readonly string Replay = ScriptLoader.Load("replay");
    public static readonly string Report = ScriptLoader.Load("report");
    public static readonly string Rights = ScriptLoader.Load("rights");
    public static readonly string Settle = ScriptLoader.Load("settle");
    public static readonly string Slots = ScriptLoader.Load("slots");
    public static readonly string Sweep = ScriptLoader.Load("sweep");
    public static readonly string Tell = ScriptLoader.Load("tell");
    public static readonly string Trim = ScriptLoader.Load("trim");
}
