using System.Text.Json.Serialization;

namespace EmailIngestion.Local.Commands.Operating.Answers;

// What the commands read from the answers. Fields that are missing keep their defaults, and unknown ones are ignored, because the server
// may be of another version. The properties have setters: generated code gives init-only ones no default.
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ProblemAnswer))]
[JsonSerializable(typeof(StatusAnswer))]
[JsonSerializable(typeof(DeliveriesAnswer))]
[JsonSerializable(typeof(DeadLettersAnswer))]
[JsonSerializable(typeof(DeadLetterAnswer))]
[JsonSerializable(typeof(GroupsAnswer))]
[JsonSerializable(typeof(ReplayedAnswer))]
[JsonSerializable(typeof(PreviewAnswer))]
[JsonSerializable(typeof(JobsAnswer))]
[JsonSerializable(typeof(JobAnswer))]
[JsonSerializable(typeof(AuditAnswer))]
[JsonSerializable(typeof(ControlAnswer))]
[JsonSerializable(typeof(MailboxActionAnswer))]
[JsonSerializable(typeof(SettingsAnswer))]
internal sealed partial class OperatingJson : JsonSerializerContext;
