using Microsoft.Extensions.Logging;

namespace EmailIngestion.Bodies;

internal static partial class Log
{
    [LoggerMessage(
        EventId = 600, Level = LogLevel.Warning,
        Message = "The file system of Bodies:Folder {Folder} does not keep permissions (Bodies:FileMode, Bodies:FolderMode). "
            + "Set them in the mount options.")]
    public static partial void ModeNotKept(ILogger logger, string folder);
}
