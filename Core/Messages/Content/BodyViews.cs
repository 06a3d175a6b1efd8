namespace EmailIngestion.Messages.Content;

/// <summary>What two mail readers show of a part, in order: one that prefers plain text, and one that prefers HTML.</summary>
internal readonly record struct BodyViews(IReadOnlyList<InlineText> Text, IReadOnlyList<InlineText> Html)
{
    public static BodyViews None { get; } = new([], []);

    public static BodyViews Of(InlineText text) => new([text], [text]);

    /// <summary>Whether a reader of plain text finds plain text.</summary>
    public bool HasPlain => Text.Any(text => !text.IsHtml && !text.IsBlank);

    /// <summary>Whether a reader of HTML finds HTML.</summary>
    public bool HasHtml => Html.Any(text => text.IsHtml && !text.IsBlank);

    /// <summary>Whether there is anything to read.</summary>
    public bool HasText => HasPlain || HasHtml;

    /// <summary>Whether a reader of plain text finds nothing but plain text.</summary>
    public bool IsPlain => HasPlain && !Text.Any(text => (text.IsHtml || text.IsOther) && !text.IsBlank);
}
