namespace EmailIngestion.Hostile.Scripts;

/// <summary>One call of a script that succeeds without injected failures.</summary>
/// <param name="Name">The script's name in <c>Scripts</c>.</param>
/// <param name="Keys">Its KEYS.</param>
/// <param name="Arguments">Its ARGV.</param>
internal sealed record ScriptScenario(string Name, string[] Keys, string[] Arguments)
{
    /// <summary>Commands that add to the state that every scenario has; one command a line, words separated by spaces.</summary>
    /// <remarks><see cref="ScriptScenarios.Space"/> is a space within a word.</remarks>
    public string[] Setup { get; init; } = [];

    /// <summary>Keys in which the script reverts what its transaction has written.</summary>
    public string[] TakesBack { get; init; } = [];
}
