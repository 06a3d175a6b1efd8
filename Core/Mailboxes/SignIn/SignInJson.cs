using System.Text.Json.Serialization;

namespace EmailIngestion.Mailboxes.SignIn;

[JsonSerializable(typeof(MicrosoftOptions))]
[JsonSerializable(typeof(GoogleOptions))]
[JsonSerializable(typeof(OAuthOptions))]
internal sealed partial class SignInJson : JsonSerializerContext;
