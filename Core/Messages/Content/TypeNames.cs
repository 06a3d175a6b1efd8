using System.Collections.Frozen;
using MimeKit;

namespace EmailIngestion.Messages.Content;

/// <summary>Names for files without one, by their content type.</summary>
internal static class TypeNames
{
    private static readonly FrozenDictionary<string, string> Names = new Dictionary<string, string>
    {
        ["application/ms-tnef"] = "winmail.dat",
        ["application/vnd.ms-tnef"] = "winmail.dat",
        ["application/pgp-encrypted"] = "pgp-encrypted.txt",
        ["application/pgp-keys"] = "keys.asc",
        ["application/pgp-signature"] = "signature.asc",
        ["application/pkcs7-mime"] = "smime.p7m",
        ["application/pkcs7-signature"] = "smime.p7s",
        ["application/x-pkcs7-mime"] = "smime.p7m",
        ["application/x-pkcs7-signature"] = "smime.p7s",
        ["message/delivery-status"] = "delivery-status.txt",
        ["message/disposition-notification"] = "disposition-notification.txt",
        ["message/external-body"] = "message.eml",
        ["message/feedback-report"] = "feedback-report.txt",
        ["message/global"] = "message.eml",
        ["message/global-delivery-status"] = "delivery-status.txt",
        ["message/global-disposition-notification"] = "disposition-notification.txt",
        ["message/global-headers"] = "headers.txt",
        ["message/news"] = "message.eml",
        ["message/partial"] = "message.eml",
        ["message/rfc2822"] = "message.eml",
        ["message/rfc822"] = "message.eml",
        ["text/calendar"] = "invite.ics",
        ["text/rfc822-headers"] = "headers.txt",
        ["text/vcard"] = "contact.vcf",
        ["text/x-vcard"] = "contact.vcf",
    }.ToFrozenDictionary();

    /// <summary>Whether a type is an email, which is a file with the extension <c>.eml</c>.</summary>
    public static bool IsEmail(string type) => Names.TryGetValue(type, out var name) && name == "message.eml";

    /// <summary>The extension of a type with its dot.</summary>
    public static string Extension(string type) => Names.TryGetValue(type, out var name)
        ? Path.GetExtension(name)
        : MimeTypes.TryGetExtension(type, out var extension) ? extension
        : type.StartsWith("text/", StringComparison.Ordinal) ? ".txt" : ".bin";

    /// <summary>The name of a file.</summary>
    /// <param name="type">Its content type in lower case.</param>
    /// <param name="number">Its number in the email, from 1.</param>
    public static string Name(string type, int number) =>
        Names.TryGetValue(type, out var name) ? name : $"part-{number}{Extension(type)}";
}
