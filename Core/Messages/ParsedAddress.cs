namespace EmailIngestion.Messages;

/// <summary>A person or a place that receives email.</summary>
/// <param name="Name">The decoded display name; null when there is none.</param>
/// <param name="Address">
/// The address, with an international domain in its own script; null when there is none, as in a header that only has a name.
/// </param>
/// <param name="Group">The name of the group around it (RFC 5322); null outside a group.</param>
/// <param name="Raw">The decoded text as written, when it is not a valid address; null otherwise.</param>
public sealed record ParsedAddress(string? Name, string? Address, string? Group = null, string? Raw = null);
