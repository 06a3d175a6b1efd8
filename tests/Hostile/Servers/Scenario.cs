namespace EmailIngestion.Hostile.Servers;

/// <summary>One way in which a server misbehaves.</summary>
/// <param name="Name">A short description.</param>
/// <param name="Arrange">Changes the dialogue.</param>
/// <param name="Error">A part of the mailbox's error. Empty: all of the mailbox is read. Null: either.</param>
/// <param name="Security">The setting <c>Security</c> of the mailbox.</param>
/// <param name="IsSlow">Takes as long as a poll may take. A quick run skips it.</param>
internal sealed record Scenario(string Name, Action<Dialogue> Arrange, string? Error, string Security = "None", bool IsSlow = false);
