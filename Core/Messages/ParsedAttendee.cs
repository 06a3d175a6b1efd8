namespace EmailIngestion.Messages;

/// <summary>A person who is invited to an event.</summary>
/// <param name="Name">The name; null when there is none.</param>
/// <param name="Address">The address; null when there is none.</param>
/// <param name="Status">The answer in lower case, such as <c>accepted</c>, <c>declined</c> or <c>needs-action</c>; null if unknown.</param>
public sealed record ParsedAttendee(string? Name, string? Address, string? Status);
