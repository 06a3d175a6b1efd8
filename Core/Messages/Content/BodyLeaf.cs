using MimeKit;

namespace EmailIngestion.Messages.Content;

/// <summary>A part without parts of its own.</summary>
/// <param name="Entity">The part; an attached email is one part.</param>
/// <param name="Text">Its text, if a mail reader shows it in place; null otherwise.</param>
internal sealed record BodyLeaf(MimeEntity Entity, InlineText? Text)
{
    /// <summary>Whether it is listed as an attachment.</summary>
    public bool IsFile => Text is null || PartNames.HasName(Entity) || (!Text.IsShown && !Text.IsBlank);
}
