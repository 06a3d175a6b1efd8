namespace EmailIngestion.Mailboxes;

/// <summary>The memory of one body on its way to the store. Its size does not depend on the body's.</summary>
/// <param name="Head">For the beginning of the body.</param>
/// <param name="First">For a piece.</param>
/// <param name="Second">For the piece after it.</param>
internal sealed record PieceBuffers(Memory<byte> Head, Memory<byte> First, Memory<byte> Second)
{
    /// <summary>The size of a piece, in bytes.</summary>
    public const int PieceBytes = 1024 * 1024;

    /// <summary>More than is read of a message for the fields of its entry, in bytes.</summary>
    public const int HeadBytes = 512 * 1024;
}
