using System.Globalization;
using System.Text;
using MimeKit;

namespace EmailIngestion.DevServers.Mail;

/// <summary>Builds one demo message. The same seed gives the same bytes, because MimeKit generates no value.</summary>
internal sealed class DemoDraft(Random random, int number, DateTimeOffset date)
{
    public Random Random { get; } = random;

    public int Number { get; } = number;

    public DateTimeOffset Date { get; } = date;

    public string MessageId => $"{Number}.{Random.Next():x8}@mail.example.test";

    public DemoLanguage Language() => Pick(DemoPhrases.All);

    public T Pick<T>(IReadOnlyList<T> items) => items[Random.Next(items.Count)];

    public string Subject(DemoLanguage language) =>
        string.Format(CultureInfo.InvariantCulture, Pick(language.Subjects), Random.Next(1000, 100000));

    /// <summary>Makes <paramref name="low"/> to <paramref name="high"/> paragraphs, with lines shorter than SMTP's 998 bytes.</summary>
    public string Text(DemoLanguage language, int low = 2, int high = 25)
    {
        var text = new StringBuilder();
        for (var i = Random.Next(low, high + 1); i > 0; i--)
        {
            for (var j = Random.Next(1, 5); j > 0; j--) text.Append(Pick(language.Sentences)).Append(' ');
            text.Append("\r\n\r\n");
        }

        return text.ToString();
    }

    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        Random.NextBytes(bytes);
        return bytes;
    }

    public string Base64Lines(int bytes) => Convert.ToBase64String(Bytes(bytes), Base64FormattingOptions.InsertLineBreaks);

    public string Boundary() => $"=_{Random.Next():x8}{Random.Next():x8}";

    public Multipart Multipart(string subtype, params MimeEntity[] parts)
    {
        var multipart = new Multipart(subtype) { Boundary = Boundary() };
        foreach (var part in parts) multipart.Add(part);
        return multipart;
    }

    public MimeMessage Message(DemoLanguage language, MimeEntity body, string? subject = null)
    {
        var message = new MimeMessage { Subject = subject ?? Subject(language), Date = Date, MessageId = MessageId, Body = body };
        message.From.Add(new MailboxAddress(Pick(language.Senders), $"sender{Random.Next(40)}@example.org"));
        message.To.Add(new MailboxAddress("Demo", DemoMailbox.User));
        return message;
    }

    /// <summary>Returns the bytes on the wire. <paramref name="constraint"/> decides whether text that is not ASCII is encoded.</summary>
    public static byte[] Serialize(MimeMessage message, EncodingConstraint constraint = EncodingConstraint.SevenBit)
    {
        var options = FormatOptions.Default.Clone();
        options.NewLineFormat = NewLineFormat.Dos;
        options.EnsureNewLine = true;
        message.Prepare(constraint);
        using var stream = new MemoryStream();
        message.WriteTo(options, stream);
        return stream.ToArray();
    }
}
