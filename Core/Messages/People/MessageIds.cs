namespace EmailIngestion.Messages.People;

/// <summary>The IDs that connect an email with others.</summary>
internal sealed record MessageIds(string MessageId, string? InReplyTo, IReadOnlyList<string> References)
{
    /// <summary>The ID of the first message of the conversation; empty when there is none.</summary>
    public string ConversationId => References is [var root, ..] ? root : InReplyTo ?? MessageId;

    public static MessageIds Read(EmailConversion email) =>
        new(email.Mime.MessageId ?? "", email.Mime.InReplyTo, [.. email.Mime.References ?? []]);
}
