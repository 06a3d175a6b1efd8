using MimeKit.Tnef;

namespace EmailIngestion.Messages.Content;

/// <summary>A MAPI property in TNEF: its ID, its type and the bytes of its first value.</summary>
internal readonly record struct TnefProperty(TnefPropertyId Id, TnefPropertyType Type, Range Value);
