using System.Text.Json.Serialization;

namespace EmailIngestion.Messages;

/// <summary>Where the text of an email comes from.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TextSource>))]
public enum TextSource
{
    /// <summary>From its plain parts.</summary>
    [JsonStringEnumMemberName("plain")]
    Plain,

    /// <summary>Made from its HTML, since it has no plain part.</summary>
    [JsonStringEnumMemberName("html")]
    Html,
}
