using System.ComponentModel.DataAnnotations;
using EmailIngestion.Configuration;

namespace EmailIngestion.Bodies;

/// <summary>Section <c>Bodies</c>: where the bodies of large emails are. Pollers and consumers need the same settings.</summary>
public sealed class BodiesOptions
{
    /// <summary>The name of the section.</summary>
    public const string Section = "Bodies";

    /// <summary>
    /// The store that new bodies are written to: Redis, Folder or AzureBlob. Bodies that were written to another store are still read from
    /// it, as long as <see cref="Folder"/> or <see cref="Container"/> names it. Default Redis.
    /// </summary>
    [EnumDataType(typeof(BodyStoreKind), ErrorMessage = "it must be Redis, Folder or AzureBlob.")]
    public BodyStoreKind Store { get; set; }

    /// <summary>
    /// The largest message, in bytes, that is in its entry. A larger one is a body in the store, and the entry refers to it. Default
    /// 131,072 (128 KiB).
    /// </summary>
    [Range(4_096, 16 * 1024 * 1024)]
    public int InlineLimit { get; set; } = 128 * 1024;

    /// <summary>The folder of the store Folder. All pollers and consumers must see the same folder. Default: none.</summary>
    public string Folder { get; set; } = "";

    /// <summary>
    /// The permissions of each file in the folder, in octal digits as for <c>chmod</c>, independent of the umask. Default 0600. Pollers and
    /// consumers that run as different users of one group need 0660.
    /// </summary>
    [Required]
    [RegularExpression(UnixMode.FilePattern, ErrorMessage = UnixMode.FileFault + "0600 or 0660.")]
    public string FileMode { get; set; } = "0600";

    /// <summary>
    /// The permissions of each new folder, in octal digits as for <c>chmod</c>. Default 0700. With a <see cref="FileMode"/> of 0660 it must
    /// be 2770: members of the folder's group can delete files, and new files belong to that group. Existing folders keep their
    /// permissions.
    /// </summary>
    [Required]
    [RegularExpression(UnixMode.FolderPattern, ErrorMessage = UnixMode.FolderFault + "0700 or 2770.")]
    public string FolderMode { get; set; } = "0700";

    /// <summary>
    /// The Azure blob container of the store AzureBlob: its https address, such as
    /// <c>https://account.blob.core.windows.net/container</c>. <c>/folder</c> may follow. Azure.Identity signs in: by a workload identity,
    /// a managed identity, the variables <c>AZURE_*</c> or a developer's own sign-in. With <see cref="ConnectionString"/> it is the
    /// container's name only, and <c>/folder</c>. Default: none.
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
    /// How old a body is before it may be deleted because nothing refers to it. An email must be appended within that time after its body
    /// was written. Default 2 days.
    /// </summary>
    [Range(typeof(TimeSpan), "01:00:00", "30.00:00:00")]
    public TimeSpan OrphanAge { get; set; } = TimeSpan.FromDays(2);
}
