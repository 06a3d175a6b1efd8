using Microsoft.Extensions.Logging;

namespace EmailIngestion.Processing;

internal static partial class Log
{
    [LoggerMessage(
        EventId = 503, Level = LogLevel.Warning,
        Message = "The file system of Archive:Folder {Folder} does not keep permissions (Archive:FileMode, Archive:FolderMode). "
            + "Set them in the mount options.")]
    public static partial void ModeNotKept(ILogger logger, string folder);

    [LoggerMessage(
        EventId = 504, Level = LogLevel.Information,
        Message = "Deleted {Count} temporary files that a crash had left in {Folder}")]
    public static partial void TemporaryFilesDeleted(ILogger logger, int count, string folder);
}
