using System.ComponentModel.DataAnnotations;
using EmailIngestion.Configuration;

namespace EmailIngestion.Processing;

/// <summary>The settings of the section <c>Archive</c>: the archive processor.</summary>
public sealed class ArchiveOptions
{
    public const string Section = "Archive";

    /// <summary>The name of the archive processor, for <c>Processing:Processor</c>.</summary>
    public const string Processor = "archive";

    /// <summary>
    /// The folder of the archive. Files go into <c>yyyy/MM/dd</c>, the day the email was received (UTC). Default <c>.data/archive</c>,
    /// unless <see cref="Container"/> is set.
    /// </summary>
    public string Folder { get; set; } = "";

    /// <summary>
    /// The Azure blob container of the archive, instead of a folder: its https address, such as
    /// <c>https://account.blob.core.windows.net/container</c>. <c>/folder</c> may follow. Azure.Identity signs in: by a workload identity,
    /// a managed identity, the variables <c>AZURE_*</c> or a developer's own sign-in. With <see cref="ConnectionString"/> it is the
    /// container's name only, and <c>/folder</c>.
    /// </summary>
    public string Container { get; set; } = "";

    /// <summary>
    /// The connection string of the container's storage account, with its key or a shared access signature. Empty: Azure.Identity signs in.
    /// </summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>
    /// Whether <see cref="ConnectionString"/> may use http to another machine. Others on the network can then read the mail. Default false.
    /// </summary>
    public bool AllowHttp { get; set; }

    /// <summary>
    /// Whether attachments become files of their own too, beside the message that holds them: <c>&lt;id&gt;/0-invoice.pdf</c>. At most 256
    /// an email. Default false.
    /// </summary>
    public bool Attachments { get; set; }

    /// <summary>
    /// Whether an email counts as processed only when its files are on disk, so that a power failure loses none. A container always
    /// keeps its blobs. Default true.
    /// </summary>
    public bool Durable { get; set; } = true;

    /// <summary>
    /// The permissions of each file, in octal digits as for <c>chmod</c>, independent of the umask. Default 0600: only the owner can read
    /// it. A shared volume may need 0640. The owner must be able to read and write.
    /// </summary>
    [Required]
    [RegularExpression(UnixMode.FilePattern, ErrorMessage = UnixMode.FileFault + "0600 or 0640.")]
    public string FileMode { get; set; } = "0600";

    /// <summary>
    /// The permissions of each new folder, in octal digits as for <c>chmod</c>. Default 0700: only the owner can enter it. A shared volume
    /// may need 2750: members of the folder's group can enter it, and new files belong to that group. Existing folders keep their
    /// permissions.
    /// </summary>
    [Required]
    [RegularExpression(UnixMode.FolderPattern, ErrorMessage = UnixMode.FolderFault + "0700 or 2750.")]
    public string FolderMode { get; set; } = "0700";

    internal void UseDefaultFolder()
    {
        if (Folder.Length == 0 && Container.Length == 0)
            Folder = Path.Combine(".data", "archive");
    }
}
