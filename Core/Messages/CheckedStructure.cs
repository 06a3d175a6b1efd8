namespace EmailIngestion.Messages;

/// <summary>
/// The limits of an email, and its structure once it has been checked against them. They travel with the email, so that nothing is counted twice, and are no
/// part of its value: all of them are equal.
/// </summary>
internal readonly struct CheckedStructure(ReadOnlyMemory<byte> raw, MessageLimits limits, MessageStructure? structure) : IEquatable<CheckedStructure>
{
    private readonly Check? _check = new(raw, limits, structure);

    /// <summary>The limits that the email was checked against; the defaults when none were set.</summary>
    public MessageLimits Limits => _check?.Limits ?? MessageLimits.Default;

    /// <summary>The structure, if it is of these bytes and was checked against these limits.</summary>
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
