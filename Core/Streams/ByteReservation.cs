namespace EmailIngestion.Streams;

/// <summary>Room for small entries that a read may return. Disposing it returns the room: the entries are charged then.</summary>
/// <param name="budget">The budget.</param>
/// <param name="entries">How many entries may be read.</param>
internal sealed class ByteReservation(ByteBudget budget, int entries) : IDisposable
{
    private bool _returned;

    /// <summary>How many entries may be read.</summary>
    public int Entries => entries;

    /// <summary>The room, in bytes.</summary>
    public long Bytes => (long)entries * ByteBudget.SmallBytes;

    public void Dispose()
    {
        if (!_returned)
            budget.Return(new ByteCharge(Bytes, Exclusive: false), isEmail: false);
        _returned = true;
    }
}
