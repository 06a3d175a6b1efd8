using EmailIngestion.Bodies;

namespace EmailIngestion.Streams;

/// <summary>A body that was written in pieces, while its email was fetched. In Redis it is staged until the append of its entry.</summary>
/// <param name="reference">The body.</param>
/// <param name="sha256">Its SHA-256.</param>
internal sealed class StreamedBody(BodyReference reference, byte[] sha256)
{
    public BodyReference Reference => reference;

    public byte[] Sha256 => sha256;

    /// <summary>
    /// Whether the body was deleted while its entry was appended. It must be written again from the mailbox, since no memory has it.
    /// </summary>
    public bool IsLost { get; set; }
}
