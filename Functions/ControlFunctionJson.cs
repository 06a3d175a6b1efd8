using System.Text.Json.Serialization;
using EmailIngestion.Operations.Control;

namespace EmailIngestion.Functions;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PauseBody))]
[JsonSerializable(typeof(ConcurrencyBody))]
[JsonSerializable(typeof(ControlReport))]
[JsonSerializable(typeof(MailboxBody))]
[JsonSerializable(typeof(ForgetBody))]
[JsonSerializable(typeof(BackfillBody))]
[JsonSerializable(typeof(MailboxAccepted))]
[JsonSerializable(typeof(ForgetReport))]
[JsonSerializable(typeof(SettingsReport))]
internal sealed partial class ControlFunctionJson : JsonSerializerContext;
