using System.Globalization;

namespace EmailIngestion.Mailboxes.FollowUps;

/// <summary>What was copied to another folder, or may have been, on a server that cannot move emails in one step.</summary>
/// <param name="Source">The UIDVALIDITY of the folder of the emails.</param>
/// <param name="UidValidity">The UIDVALIDITY of the target.</param>
/// <param name="UidNext">Its UIDNEXT before the last COPY: copies have this UID or a higher one.</param>
/// <param name="Copied">The UIDs of emails that have their copy.</param>
/// <param name="Tried">The UIDs of the last COPY, which may have been carried out.</param>
/// <param name="Folder">The name of the target.</param>
internal sealed record CopyMark(
    uint Source, uint UidValidity, uint UidNext, IReadOnlyList<uint> Copied, IReadOnlyList<uint> Tried, string Folder)
{
    public string Text =>
        string.Create(CultureInfo.InvariantCulture, $"{Source} {UidValidity} {UidNext} {Uids(Copied)} {Uids(Tried)} {Folder}");

    /// <summary>Whether the other mark is of the same two folders, with the same numbering.</summary>
    public bool IsOfFolders(CopyMark other) =>
        (Source, UidValidity, Folder) == (other.Source, other.UidValidity, other.Folder);

    /// <summary>Reads a mark. Null when it is none.</summary>
    public static CopyMark? Parse(string? text) =>
        text?.Split(' ', 6) is [var source, var validity, var next, var copied, var tried, var folder]
        && Uid(source) is { } sourceValidity
        && Uid(validity) is { } uidValidity
        && Uid(next) is { } uidNext
        && Uids(copied) is { } done
        && Uids(tried) is { } open
            ? new CopyMark(sourceValidity, uidValidity, uidNext, done, open, folder)
            : null;

    private static string Uids(IReadOnlyList<uint> uids) =>
        string.Join(',', uids.Select(uid => uid.ToString(CultureInfo.InvariantCulture)));

    private static uint[]? Uids(string text)
    {
        var uids = text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Uid).ToArray();
        return uids.Contains(null) ? null : [.. uids.Select(uid => uid!.Value)];
    }

    private static uint? Uid(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var uid) ? uid : null;
}
