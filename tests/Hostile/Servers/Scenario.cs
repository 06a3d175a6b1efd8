namespace EmailIngestion.Hostile.Servers;

/// <summary>One way in which a server misbehaves.</summary>
/// <param name="Name">What it does, in a few words.</param>
/// <param name="Arrange">Makes it do so.</param>
/// <param name="Error">What the mailbox's error says, or a part of it; empty: the mailbox is read whole; null: either.</param>
/// <param name="Security">The mailbox's <c>Security</c>.</param>
/// <param name="IsSlow">Takes as long as a poll may: left out of a quick run.</param>
internal sealed record Scenario(string Name, Action<Dialogue> Arrange, string? Error, string Security = "None", bool IsSlow = false);
