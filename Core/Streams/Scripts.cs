namespace EmailIngestion.Streams;

/// <summary>The Redis scripts, each in a file of its own under Lua/ with its keys, arguments, returns and the invariant it keeps.</summary>
internal static class Scripts
{
    private const string Included = "--@ ";

    public static readonly string Append = Load("append");
    public static readonly string AppendClose = Load("append-close");
    public static readonly string AppendOpen = Load("append-open");
    public static readonly string Bury = Load("bury");
    public static readonly string Delete = Load("delete");
    public static readonly string Digests = Load("digests");
    public static readonly string Drop = Load("drop");
    public static readonly string Enter = Load("enter");
    public static readonly string Epoch = Load("epoch");
    public static readonly string Group = Load("group");
    public static readonly string Hold = Load("hold");
    public static readonly string Leave = Load("leave");
    public static readonly string Letters = Load("letters");
    public static readonly string LoadOfStream = Load("load");
    public static readonly string Missing = Load("missing");
    public static readonly string Needed = Load("needed");
    public static readonly string Oldest = Load("oldest");
    public static readonly string Postpone = Load("postpone");
    public static readonly string Processed = Load("processed");
    public static readonly string ReadNew = Load("read");
    public static readonly string Reap = Load("reap");
    public static readonly string Reclaim = Load("reclaim");
    public static readonly string Recover = Load("recover");
    public static readonly string Release = Load("release");
    public static readonly string Renew = Load("renew");
    public static readonly string Replay = Load("replay");
    public static readonly string Report = Load("report");
    public static readonly string Rights = Load("rights");
    public static readonly string Settle = Load("settle");
    public static readonly string Slots = Load("slots");
    public static readonly string Sweep = Load("sweep");
    public static readonly string Tell = Load("tell");
    public static readonly string Trim = Load("trim");

    // Comments stay behind: the scripts of an append travel with each of them. The first line, with the flags, is Redis's.
    private static string Load(string name) =>
        string.Join('\n', Include(name).Where((line, index) => index == 0 || !line.TrimStart().StartsWith("--", StringComparison.Ordinal)));

    // A line "--@ name" stands for the functions of that file.
    private static IEnumerable<string> Include(string name) =>
        Read(name).Split('\n').SelectMany(line => line.StartsWith(Included, StringComparison.Ordinal) ? Read(line[Included.Length..].Trim()).Split('\n') : [line]);

    private static string Read(string name)
    {
        using var stream = typeof(Scripts).Assembly.GetManifestResourceStream($"{name}.lua")
            ?? throw new InvalidOperationException($"The script {name}.lua is not in the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
