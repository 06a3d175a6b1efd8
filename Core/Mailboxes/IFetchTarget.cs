namespace EmailIngestion.Mailboxes;

/// <summary>Takes the answer to one request for bodies, while it is read from the connection.</summary>
internal interface IFetchTarget
{
    /// <summary>The requested UIDs, ascending.</summary>
    IReadOnlyList<uint> Uids { get; }

    /// <summary>The requested items, as FETCH names them.</summary>
    string Items { get; }

    /// <summary>Takes the UIDs that the server lists by the same request; null: none are requested.</summary>
    UidsAbove? Listing => null;

    /// <summary>The longest body that it takes, in bytes.</summary>
    long MaxBytes { get; }

    /// <summary>Rents memory for a body, which <see cref="Receive"/> gets next.</summary>
    ArraySegment<byte> Rent(int length);

    /// <summary>Sees the next bytes of that body, as they come.</summary>
    void See(ReadOnlySpan<byte> bytes);

    /// <summary>Takes the answer about one email.</summary>
    /// <param name="envelope">What the answer says of the email. UID 0: nothing.</param>
    /// <param name="body">The body; null: the answer has none that can be read.</param>
    void Receive(EmailEnvelope envelope, ReadOnlyMemory<byte>? body);
}
