using System.Text.Json.Serialization;

namespace EmailIngestion.Mailboxes;

/// <summary>Where a mailbox was last known to be. It is read only where Redis has lost the cursor.</summary>
/// <param name="Mailbox">account/folder.</param>
/// <param name="Epoch">The cursor's epoch.</param>
/// <param name="UidValidity">The folder's UIDVALIDITY in it.</param>
/// <param name="Last">The last UID appended.</param>
/// <param name="Settled">The UID up to which everything appended is settled; null while that is not known.</param>
/// <param name="SettledAt">When a poll had last reached the end of the mailbox by then.</param>
/// <param name="First">When the mailbox was first seen.</param>
/// <param name="LastSuccess">When a poll last reached the end of the mailbox.</param>
internal sealed record MailboxHint(
    string Mailbox, int Epoch, uint UidValidity, uint Last, uint? Settled, DateTimeOffset? SettledAt, DateTimeOffset First, DateTimeOffset? LastSuccess);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(MailboxHint))]
internal sealed partial class HintJson : JsonSerializerContext;
