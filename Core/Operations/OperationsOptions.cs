using System.ComponentModel.DataAnnotations;

namespace EmailIngestion.Operations;

/// <summary>Section <c>Operations</c>: what people do with the system while it runs.</summary>
public sealed class OperationsOptions
{
    /// <summary>The name of the section.</summary>
    public const string Section = "Operations";

    /// <summary>The dead letters that a replay by filter moves back in a second. Default 100; 0 = as fast as it can.</summary>
    [Range(0, 100_000)]
    public int ReplayRate { get; set; } = 100;

    /// <summary>
    /// A replay by filter skips dead letters that were replayed as often already. Default 5. A replay of one dead letter does not count.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxReplays { get; set; } = 5;
}
