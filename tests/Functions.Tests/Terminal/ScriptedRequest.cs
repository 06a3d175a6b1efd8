namespace EmailIngestion.Functions.Tests.Terminal;

/// <param name="Request">Method, path and query.</param>
/// <param name="Key">The key in the header.</param>
/// <param name="ContentType">The type of the body.</param>
/// <param name="Body">The body.</param>
internal sealed record ScriptedRequest(string Request, string Key, string ContentType, string Body);
