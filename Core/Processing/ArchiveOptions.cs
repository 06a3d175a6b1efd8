using System.ComponentModel.DataAnnotations;

namespace EmailIngestion.Processing;

/// <summary>Section <c>Archive</c>: the archive processor.</summary>
public sealed class ArchiveOptions
{
    public const string Section = "Archive";

    /// <summary>Where the files go, under <c>yyyy/MM/dd</c> of the day the email was received (UTC). Default <c>.data/archive</c>.</summary>
    [Required]
    public string Folder { get; set; } = Path.Combine(".data", "archive");

    /// <summary>
    /// Wait until the disk has the files before an email counts as processed, so that a power cut loses none. Default true.
    /// </summary>
    public bool Durable { get; set; } = true;
}
