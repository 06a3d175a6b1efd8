using System.ComponentModel.DataAnnotations;

namespace EmailIngestion.Processing;

/// <summary>Section <c>Archive</c>: the archive processor.</summary>
public sealed class ArchiveOptions
{
    public const string Section = "Archive";

    /// <summary>The name of the archive processor, for <c>Processing:Processor</c>.</summary>
    public const string Processor = "archive";

    /// <summary>Where the files go, under <c>yyyy/MM/dd</c> of the day the email was received (UTC). Default <c>.data/archive</c>.</summary>
    [Required]
    public string Folder { get; set; } = Path.Combine(".data", "archive");

    /// <summary>
    /// Wait until the disk has the files before an email counts as processed, so that a power cut loses none. Default true.
    /// </summary>
    public bool Durable { get; set; } = true;

    /// <summary>
    /// The permissions of each file, in octal digits as for <c>chmod</c>, whatever the umask is. Default 0600: only the owner reads it. A
    /// volume that others share may need 0640. The owner must be able to read and write.
    /// </summary>
    [Required]
    [RegularExpression("0?6[0-7]{2}", ErrorMessage = "it must be three or four octal digits that let the owner read and write and set no other bit, such as 0600 or 0640.")]
    public string FileMode { get; set; } = "0600";

    /// <summary>
    /// The permissions of each new folder, in octal digits as for <c>chmod</c>. Default 0700: only the owner enters it. A volume that
    /// others share may need 2750: members of the folder's group enter it, and what is new belongs to that group. Existing folders keep theirs.
    /// </summary>
    [Required]
    [RegularExpression("[0-3]?7[0-7]{2}", ErrorMessage = "it must be three or four octal digits that let the owner read, write and enter, such as 0700 or 2750.")]
    public string FolderMode { get; set; } = "0700";
}
