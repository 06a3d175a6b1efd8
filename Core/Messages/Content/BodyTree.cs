using MimeKit;

namespace EmailIngestion.Messages.Content;

/// <summary>
/// Finds what a mail reader shows of an email in place, and all its leaf parts in order. Each part is read once, so that the time is linear
/// in the email's length.
/// </summary>
/// <param name="email">The email.</param>
/// <param name="takesNamed">Whether a text with a file name is shown in place too.</param>
internal sealed class BodyTree(EmailConversion email, bool takesNamed)
{
    private readonly List<BodyLeaf> _leaves = [];

    /// <summary>The leaf parts in the order of the message.</summary>
    public IReadOnlyList<BodyLeaf> Leaves => _leaves;

    public BodyViews Read(MimeEntity? entity) => entity is null ? BodyViews.None : Read(entity, takesNamed);

    private BodyViews Read(MimeEntity entity, bool named)
    {
        email.CancellationToken.ThrowIfCancellationRequested();
        return entity switch
        {
            Multipart { Count: > 0 } multipart => Read(multipart),
            _ => Leaf(entity, InlineTextReader.Read(email, entity, named)),
        };
    }

    private BodyViews Leaf(MimeEntity entity, InlineText? text)
    {
        _leaves.Add(new BodyLeaf(entity, text));
        return text is null ? BodyViews.None : BodyViews.Of(text);
    }

    private BodyViews Read(Multipart multipart) => multipart.ContentType.MediaSubtype.ToLowerInvariant() switch
    {
        // The alternatives are what is shown; a name is only a name.
        "alternative" => Choose([.. multipart.Select(part => Read(part, named: true))]),
        "related" => Join(Related(multipart)),
        _ => Join(multipart.Select(part => Read(part, takesNamed))),
    };

    // The last alternative is the sender's best. A text reader takes the last one in plain text, an HTML reader the last one in HTML. Each
    // takes the other's where it has none of its own.
    private static BodyViews Choose(BodyViews[] alternatives)
    {
        var html = Array.FindLastIndex(alternatives, views => views.HasHtml);
        var plain = Array.FindLastIndex(alternatives, views => views.IsPlain);
        if (plain < 0)
            plain = Array.FindLastIndex(alternatives, views => views.HasPlain);
        if (plain < 0 && html < 0)
            plain = Array.FindLastIndex(alternatives, views => views.Text.Count > 0);
        if (plain < 0 && html < 0)
            return BodyViews.None;
        return new BodyViews(alternatives[plain < 0 ? html : plain].Text, alternatives[html < 0 ? plain : html].Html);
    }

    // The root is shown. A leaf with an ID or a location is a resource of the root; another one is shown after it, as most readers do.
    private IEnumerable<BodyViews> Related(Multipart related)
    {
        var root = Root(related);
        for (var at = 0; at < related.Count; at++)
        {
            var part = related[at];
            var isResource = at != root && part is not Multipart && (part.ContentId is not null || part.ContentLocation is not null);
            yield return isResource ? Leaf(part, null) : Read(part, named: takesNamed || at == root);
        }
    }

    // RFC 2387: the part with the ID of the parameter "start", else the first one.
    private static int Root(Multipart related)
    {
        if (related.ContentType.Parameters["start"]?.Trim(' ', '<', '>') is { Length: > 0 } start)
        {
            var named = related.ToList().FindIndex(part => string.Equals(part.ContentId, start, StringComparison.OrdinalIgnoreCase));
            if (named >= 0)
                return named;
        }

        var shown = related.ToList().FindIndex(part => part is Multipart or TextPart { IsAttachment: false });
        return Math.Max(0, shown);
    }

    private static BodyViews Join(IEnumerable<BodyViews> parts)
    {
        List<InlineText> text = [], html = [];
        foreach (var views in parts)
        {
            text.AddRange(views.Text);
            html.AddRange(views.Html);
        }

        return new BodyViews(text, html);
    }
}
