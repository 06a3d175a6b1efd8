using System.Text;

namespace EmailIngestion.Functions.Tests.Terminal;

/// <param name="Status">The status; <see cref="Abort"/> closes the connection.</param>
/// <param name="Body">The body.</param>
internal sealed record ScriptedAnswer(int Status, byte[] Body)
{
    public const int Abort = 0;

    public ScriptedAnswer(int status, string json)
        : this(status, Encoding.UTF8.GetBytes(json))
    {
    }

    public string ContentType { get; init; } = Status < 400 ? "application/json; charset=utf-8" : "application/problem+json";

    public string? RetryAfter { get; init; }

    public string? Location { get; init; }

    /// <summary>Whether the connection breaks after the body.</summary>
    public bool Truncated { get; init; }

    /// <summary>How long the server waits before it answers.</summary>
    public TimeSpan Delay { get; init; }

    public static ScriptedAnswer Problem(int status, string title, string detail) =>
        new(status, $$"""{"title":"{{title}}","status":{{status}},"detail":"{{detail}}"}""");
}
