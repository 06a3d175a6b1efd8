using System.Text.Json.Serialization;

namespace EmailIngestion.Mailboxes;

/// <summary>The JSON of hint files.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(MailboxHint))]
internal sealed partial class HintJson : JsonSerializerContext;
