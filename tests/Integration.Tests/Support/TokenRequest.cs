namespace EmailIngestion.Integration.Tests.Support;

/// <summary>A request for a token that a <see cref="TokenServer"/> received.</summary>
/// <param name="Number">The requests so far, this one included.</param>
/// <param name="Path">The path of the request.</param>
/// <param name="Resource">What the token is for, without <c>/.default</c>.</param>
/// <param name="Fields">The fields of the form or the query.</param>
/// <param name="Header">The header X-IDENTITY-HEADER. Empty: there is none.</param>
internal sealed record TokenRequest(int Number, string Path, string Resource, IReadOnlyDictionary<string, string> Fields, string Header);
