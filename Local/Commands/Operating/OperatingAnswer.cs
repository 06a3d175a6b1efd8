namespace EmailIngestion.Local.Commands.Operating;

/// <param name="Value">The answer, as far as the commands need it.</param>
/// <param name="Json">The server's JSON, for <c>--json</c>.</param>
internal sealed record OperatingAnswer<T>(T Value, string Json);
