using System.Globalization;
using EmailIngestion.Messages.Authentication;
using EmailIngestion.Messages.Content;
using EmailIngestion.Messages.Kinds;
using EmailIngestion.Messages.People;
using EmailIngestion.Messages.Text;
using MimeKit;

namespace EmailIngestion.Messages;

/// <summary>Converts a parsed MIME message to a <see cref="ParsedEmail"/>. Two conversions of one email are equal.</summary>
internal static class EmailConverter
{
    public static ParsedEmail Convert(EmailConversion email)
    {
        var message = email.Message;
        var (account, folder) = MailboxName.Split(message.Mailbox);
        CutFields.Note(email);
        var headers = HeaderReader.Read(email);
        var ids = MessageIds.Read(email);
        var body = BodyReader.Read(email);
        var calendar = CalendarReader.Read(email);
        var bounce = BounceReader.Read(email);
        var recipient = RecipientReader.Read(email);
        var subject = HeaderReader.Value(email, HeaderId.Subject) ?? "";
        return new ParsedEmail
        {
            Id = message.Id.ToString(),
            Mailbox = message.Mailbox,
            Account = account,
            Folder = folder,
            Uid = message.Uid,
            UidValidity = message.UidValidity,
            Kind = KindReader.Read(email, bounce, calendar),
            MessageId = ids.MessageId,
            InReplyTo = ids.InReplyTo,
            References = ids.References,
            ConversationId = ids.ConversationId,
            From = AddressReader.Read(email, HeaderId.From),
            Sender = AddressReader.Read(email, HeaderId.Sender) is [var sender, ..] ? sender : null,
            ReplyTo = AddressReader.Read(email, HeaderId.ReplyTo),
            To = AddressReader.Read(email, HeaderId.To),
            Cc = AddressReader.Read(email, HeaderId.Cc),
            Bcc = AddressReader.Read(email, HeaderId.Bcc),
            Recipient = recipient,
            RecipientTag = RecipientReader.Tag(recipient),
            Subject = subject,
            Sent = DateReader.Read(email),
            Received = message.Date,
            Size = message.Size,
            Text = body.Text,
            TextSource = body.TextSource,
            Reply = MarkedReply.Read(body, subject, ids.ConversationId != ids.MessageId, email.CancellationToken),
            Html = body.Html,
            Attachments = body.Attachments,
            Calendar = calendar,
            Bounce = bounce,
            Authentication = AuthenticationReader.Read(email),
            Headers = headers,
            Flags = message.Flags,
            Labels = message.Labels,
            GmailMessageId = message.GmailMessageId?.ToString(CultureInfo.InvariantCulture),
            GmailThreadId = message.GmailThreadId?.ToString(CultureInfo.InvariantCulture),
            Truncated = email.Truncated,
        };
    }
}
