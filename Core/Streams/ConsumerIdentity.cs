namespace EmailIngestion.Streams;

/// <summary>The names of one consumer.</summary>
/// <param name="Name">The chosen name. One process has it at a time.</param>
/// <param name="Process">
/// The nonce of the process. It follows the name in the group, so that a process that was paused while another one acquired the name shares
/// no deliveries with it. Null when the name already contains a nonce.
/// </param>
internal sealed record ConsumerIdentity(string Name, string? Process)
{
    /// <summary>Separates the chosen name from the process's nonce.</summary>
    public const char NonceSeparator = '#';

    /// <summary>The name in the group. No other process has it.</summary>
    public string Consumer { get; } = Process is null ? Name : $"{Name}{NonceSeparator}{Process}";

    /// <summary>The value under which the process holds the chosen name.</summary>
    public string Holder { get; } = Process ?? Guid.NewGuid().ToString("N");
}
