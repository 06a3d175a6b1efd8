using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using EmailIngestion.Configuration;
using Xunit;

namespace EmailIngestion.Core.Tests.Configuration;

/// <summary>
/// The umask belongs to the whole process, so these tests run one after another. No other test creates files that the umask harms.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class PrivateFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("private-").FullName;

    public static TheoryData<string> Masks => ["000", "022", "027", "077"];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Masks))]
    public void Each_new_folder_has_the_mode_whatever_the_umask_is(string mask)
    {
        foreach (var mode in new[] { "0700", "0750", "2770", "0777" })
        {
            var deepest = Path.Combine(_folder, mode, "a", "b");
            Under(mask, () => Assert.True(PrivateFiles.CreateFolder(deepest, UnixMode.Parse(mode))));
            Assert.All(
                [Path.Combine(_folder, mode), Path.Combine(_folder, mode, "a"), deepest], folder => Assert.Equal(mode, ModeOf(folder)));
        }
    }

    [Theory]
    [MemberData(nameof(Masks))]
    public void A_new_file_has_the_mode_whatever_the_umask_is(string mask)
    {
        foreach (var mode in new[] { "0600", "0640", "0664", "0666" })
        {
            var file = Path.Combine(_folder, mode);
            Under(mask, () => PrivateFiles.Create(file, UnixMode.Parse(mode)).File.Dispose());
            Assert.Equal(mode, ModeOf(file));
        }
    }

    [Theory]
    [MemberData(nameof(Masks))]
    public void Only_the_owner_can_read_a_written_file_and_no_temporary_one_stays(string mask)
    {
        var file = Path.Combine(_folder, "secret");
        File.WriteAllText(file, "old");
        File.SetUnixFileMode(file, UnixMode.Parse("0644"));
        Under(mask, () => PrivateFiles.Write(file, "new"u8));
        Assert.Equal("new", File.ReadAllText(file));
        Assert.Equal("0600", ModeOf(file));
        Assert.Equal([file], Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_folder_that_exists_keeps_its_mode()
    {
        var above = Directory.CreateDirectory(Path.Combine(_folder, "above")).FullName;
        File.SetUnixFileMode(above, UnixMode.Parse("0755"));
        PrivateFiles.CreateFolder(Path.Combine(above, "new"), UnixMode.OwnersFolder);
        PrivateFiles.CreateFolder(above, UnixMode.OwnersFolder);
        Assert.Equal("0755", ModeOf(above));
    }

    [Fact]
    public void A_file_that_exists_is_not_opened()
    {
        var file = Path.Combine(_folder, "there");
        File.WriteAllText(file, "there");
        Assert.Throws<IOException>(() => PrivateFiles.Create(file, UnixMode.OwnersFile));
        Assert.Equal("there", File.ReadAllText(file));
    }

    [Theory]
    [InlineData("600", "0600")]
    [InlineData("0640", "0640")]
    [InlineData("2750", "2750")]
    public void Three_or_four_octal_digits_are_a_mode(string text, string mode) => Assert.Equal(mode, UnixMode.Text(UnixMode.Parse(text)));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("60")]
    [InlineData("00600")]
    [InlineData("0680")]
    [InlineData("-600")]
    [InlineData(" 600")]
    [InlineData("rw-r")]
    public void Anything_else_is_no_mode(string? text) => Assert.False(UnixMode.TryParse(text, out _));

    private static string ModeOf(string path) => UnixMode.Text(File.GetUnixFileMode(path));

    private static void Under(string mask, Action action)
    {
        var before = SetMask((uint)UnixMode.Parse(mask));
        try
        {
            action();
        }
        finally
        {
            _ = SetMask(before);
        }
    }

    [DllImport("libc", EntryPoint = "umask")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint SetMask(uint mask);
}
