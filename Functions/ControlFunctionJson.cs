using System.Text.Json.Serialization;
using EmailIngestion.Operations.Control;

namespace EmailIngestion.Functions;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PauseBody))]
[JsonSerializable(typeof(ConcurrencyBody))]
[JsonSerializable(typeof(ControlReport))]
internal sealed partial class ControlFunctionJson : JsonSerializerContext;
