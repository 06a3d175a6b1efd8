using System.Text.Json.Serialization;

namespace EmailIngestion.Messages;

/// <summary>The kind of an email: written by a person, or by which kind of program. Only a message from a person wants an answer.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EmailKind>))]
public enum EmailKind
{
    /// <summary>An email without a sign of another kind.</summary>
    [JsonStringEnumMemberName("message")]
    Message,

    /// <summary>A program's answer, such as an out-of-office notice (RFC 3834).</summary>
    [JsonStringEnumMemberName("auto-reply")]
    AutoReply,

    /// <summary>A report of a failed or delayed delivery (RFC 3464).</summary>
    [JsonStringEnumMemberName("bounce")]
    Bounce,

    /// <summary>An email of a mailing list, a newsletter or another sender to many.</summary>
    [JsonStringEnumMemberName("bulk")]
    Bulk,

    /// <summary>An invitation, its update or an answer to it (RFC 6047).</summary>
    [JsonStringEnumMemberName("calendar")]
    Calendar,

    /// <summary>A read receipt (RFC 8098).</summary>
    [JsonStringEnumMemberName("read-receipt")]
    ReadReceipt,
}
