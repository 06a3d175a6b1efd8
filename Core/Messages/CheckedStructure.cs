namespace EmailIngestion.Messages;

/// <summary>
/// The limits of an email, and its structure after a check against them. An email carries it, so that a second check does not scan again.
/// It is outside the email's equality: all instances are equal.
/// </summary>
internal readonly struct CheckedStructure(ReadOnlyMemory<byte> raw, MessageLimits limits, MessageStructure? structure)
    : IEquatable<CheckedStructure>
{
    private readonly Check? _check = new(raw, limits, structure);

    /// <summary>The limits of the email. Default: <see cref="MessageLimits.Default"/>.</summary>
    public MessageLimits Limits => _check?.Limits ?? MessageLimits.Default;

    /// <summary>The structure, if these bytes were checked against these limits; null otherwise.</summary>
    public MessageStructure? Of(ReadOnlyMemory<byte> bytes, MessageLimits limits) =>
        _check is { } check && check.Raw.Equals(bytes) && check.Limits == limits ? check.Structure : null;

    public bool Equals(CheckedStructure other) => true;

    public override bool Equals(object? obj) => obj is CheckedStructure;

    public override int GetHashCode() => 0;

    private sealed class Check(ReadOnlyMemory<byte> raw, MessageLimits limits, MessageStructure? structure)
    {
        public ReadOnlyMemory<byte> Raw { get; } = raw;

        public MessageLimits Limits { get; } = limits;

        public MessageStructure? Structure { get; } = structure;
    }
}
