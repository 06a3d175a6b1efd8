namespace EmailIngestion.Hostile.Scripts;

/// <summary>One call of a script that succeeds while nothing is in its way.</summary>
/// <param name="Name">The script's name in <c>Scripts</c>.</param>
/// <param name="Keys">Its KEYS.</param>
/// <param name="Arguments">Its ARGV.</param>
internal sealed record ScriptScenario(string Name, string[] Keys, string[] Arguments)
{
    /// <summary>Commands that make the state it needs, beyond what every scenario has; a line each, words between spaces.</summary>
    public string[] Setup { get; init; } = [];

    /// <summary>Keys from which the script takes back what the transaction around it has written.</summary>
    public string[] TakesBack { get; init; } = [];
}
