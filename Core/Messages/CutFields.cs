namespace EmailIngestion.Messages;

/// <summary>Finds the header fields that were cut before an email was parsed.</summary>
internal static class CutFields
{
    /// <summary>
    /// Notes each cut field of the email itself: <c>headers</c>, and the field of the payload that is made from it. A cut field of a part
    /// or of an attached email is noted as <c>attachments</c>.
    /// </summary>
    public static void Note(EmailConversion email)
    {
        if (email.Structure is { IsBodyOnly: true } or { Replacements: null })
            return;
        var starts = email.Structure.Replacements.Select(replacement => replacement.Start).ToHashSet();
        var head = email.Head.Span[email.Structure.Start..];
        var fields = new HeaderFields(head);
        while (fields.MoveNext())
        {
            var range = fields.Current;
            if (!starts.Contains(email.Structure.Start + range.Start.Value))
                continue;
            email.AddTruncated("headers");
            if (Name(head[range]) is { } name)
                email.AddTruncated(name);
        }

        var bodyStart = email.Structure.Start + fields.End;
        if (email.Structure.Replacements.Exists(replacement => replacement.IsField && replacement.Start >= bodyStart))
            email.AddTruncated("attachments");
    }

    // References are read whole.
    private static string? Name(ReadOnlySpan<byte> field)
    {
        if (FieldKinds.IsNamed(field, "To"u8))
            return "to";
        if (FieldKinds.IsNamed(field, "Cc"u8))
            return "cc";
        if (FieldKinds.IsNamed(field, "Bcc"u8))
            return "bcc";
        if (FieldKinds.IsNamed(field, "From"u8))
            return "from";
        if (FieldKinds.IsNamed(field, "Sender"u8))
            return "sender";
        if (FieldKinds.IsNamed(field, "Reply-To"u8))
            return "replyTo";
        return FieldKinds.IsNamed(field, "Subject"u8) ? "subject" : null;
    }
}
