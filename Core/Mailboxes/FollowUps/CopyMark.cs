using System.Globalization;

namespace EmailIngestion.Mailboxes.FollowUps;

/// <summary>The end of the target folder before emails were copied there, on a server that cannot move them in one step.</summary>
/// <param name="UidValidity">The UIDVALIDITY of the target.</param>
/// <param name="UidNext">Its UIDNEXT: copies have this UID or a higher one.</param>
/// <param name="Folder">Its name.</param>
internal sealed record CopyMark(uint UidValidity, uint UidNext, string Folder)
{
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{UidValidity}:{UidNext}:{Folder}");

    /// <summary>Reads a mark. Null when it is none.</summary>
    public static CopyMark? Parse(string? text) =>
        text?.Split(':', 3) is [var validity, var next, var folder]
        && uint.TryParse(validity, NumberStyles.None, CultureInfo.InvariantCulture, out var uidValidity)
        && uint.TryParse(next, NumberStyles.None, CultureInfo.InvariantCulture, out var uidNext)
            ? new CopyMark(uidValidity, uidNext, folder)
            : null;
}
