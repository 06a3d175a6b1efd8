namespace EmailIngestion.Messages.Content;

/// <summary>What an unpacked winmail.dat has.</summary>
/// <param name="Body">The text and the HTML of its message; none where there is only RTF or nothing.</param>
/// <param name="Rtf">The text in RTF, as a file; null when there is none.</param>
/// <param name="Files">The files, those of emails in it included.</param>
/// <param name="IsBroken">Whether it ends too early or goes on with something else. The files are those before.</param>
internal sealed record TnefContent(BodyViews Body, FoundFile? Rtf, IReadOnlyList<FoundFile> Files, bool IsBroken)
{
    /// <summary>Whether it stays a file too: it is broken, or nothing could be taken out of it.</summary>
    public bool IsLeft(bool emailHasText) => IsBroken || (!Body.HasText && Files.Count == 0 && (Rtf is null || emailHasText));
}
