using System.Diagnostics.CodeAnalysis;

namespace EmailIngestion.Configuration;

/// <summary>Reads and writes permissions in the form of <c>chmod</c>: three or four octal digits.</summary>
internal static class UnixMode
{
    /// <summary>0600: only the owner can read and write the file.</summary>
    public const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>0700: only the owner can enter the folder.</summary>
    public const UnixFileMode OwnersFolder = OwnersFile | UnixFileMode.UserExecute;

    /// <summary>All permissions of users other than the owner.</summary>
    public const UnixFileMode Others = (UnixFileMode)0b000_111_111;

    /// <summary>The form of a setting with the permissions of files.</summary>
    public const string FilePattern = "0?6[0-7]{2}";

    /// <summary>What <see cref="FilePattern"/> asks for. Examples follow.</summary>
    public const string FileFault =
        "it must be three or four octal digits that let the owner read and write and set no other bit, such as ";

    /// <summary>The form of a setting with the permissions of folders.</summary>
    public const string FolderPattern = "[0-3]?7[0-7]{2}";

    /// <summary>What <see cref="FolderPattern"/> asks for. Examples follow.</summary>
    public const string FolderFault = "it must be three or four octal digits that let the owner read, write and enter, such as ";

    private const int MostDigits = 4;
    private const int Base = 8;

    public static bool TryParse([NotNullWhen(true)] string? text, out UnixFileMode mode)
    {
        mode = default;
        if (text is not { Length: MostDigits or MostDigits - 1 } || !text.All(digit => digit is >= '0' and <= '7'))
            return false;
        mode = (UnixFileMode)Convert.ToInt32(text, Base);
        return true;
    }

    public static UnixFileMode Parse(string text) =>
        TryParse(text, out var mode) ? mode : throw new FormatException($"'{text}' is not a mode of three or four octal digits.");

    /// <summary>Four octal digits, such as <c>0600</c>.</summary>
    public static string Text(UnixFileMode mode) => Convert.ToString((int)mode, Base).PadLeft(MostDigits, '0');
}
