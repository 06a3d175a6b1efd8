namespace EmailIngestion.Local.Commands.Operating;

/// <summary>How long a command waits for the server.</summary>
/// <param name="Answer">For an answer, and for each further part of a download.</param>
/// <param name="Count">For a count of dead letters, which reads all that may match.</param>
internal sealed record OperatingTimeouts(TimeSpan Answer, TimeSpan Count)
{
    public static readonly OperatingTimeouts Default = new(TimeSpan.FromSeconds(60), TimeSpan.FromMinutes(5));
}
