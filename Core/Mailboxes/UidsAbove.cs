using System.Globalization;
using EmailIngestion.Mailboxes.Imap;

namespace EmailIngestion.Mailboxes;

/// <summary>Takes the UIDs above one, which the server lists in answer to a SEARCH that is sent together with a FETCH.</summary>
/// <param name="last">The UID.</param>
internal sealed class UidsAbove(uint last)
{
    private readonly List<uint> _listed = [];

    /// <summary>The SEARCH.</summary>
    public string Command => string.Create(CultureInfo.InvariantCulture, $"UID SEARCH UID {last + 1}:*");

    /// <summary>Whether the server has answered the SEARCH.</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>The UIDs, ascending. Empty if the server refuses the SEARCH.</summary>
    public IReadOnlyList<uint> Found { get; private set; } = [];

    /// <summary>Takes what follows the star of a response. False: it is no answer to a SEARCH.</summary>
    /// <exception cref="UnreadableAnswerException">It lists something else than UIDs.</exception>
    public bool TryTake(ReadOnlySpan<byte> response)
    {
        var line = new FetchLine(response);
        if (!line.TrySkip("SEARCH"u8) || !(line.IsAtEnd || line.TrySkip(" "u8)))
            return false;
        for (line.SkipSpaces(); !line.IsAtEnd; line.SkipSpaces())
            _listed.Add(line.Number() is { } uid and > 0 and <= uint.MaxValue ? (uint)uid : throw new UnreadableAnswerException());
        return true;
    }

    /// <summary>Ends the answer.</summary>
    /// <param name="isOk">Whether the server has carried out the SEARCH.</param>
    public void End(bool isOk)
    {
        IsAnswered = true;
        // n:* always includes the last email, even if its UID is below n.
        if (isOk)
            Found = UidSearch.Bounded(_listed.Where(uid => uid > last), ResponseLimits.MostListed) ?? [];
    }
}
