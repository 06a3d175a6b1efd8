using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>What a consumer may be handed now. It is accounted for as in budget.lua.</summary>
/// <param name="Free">Bytes left for small entries.</param>
/// <param name="ForLarge">Bytes left for the others.</param>
/// <param name="Large">An entry above this is large: while one is in work, none goes beyond the limit.</param>
/// <param name="Alone">Nothing large is in work: one entry may go beyond the limit.</param>
internal readonly record struct ByteRoom(long Free, long ForLarge, long Large, bool Alone)
{
    /// <summary>How many small entries fit, whatever their size.</summary>
    public int SmallEntries => (int)Math.Min(int.MaxValue, Free / ByteBudget.SmallBytes);

    /// <summary>Without what is left to entries that wait for their turn already: a new large one waits behind them.</summary>
    public ByteRoom BehindOthers => this with { ForLarge = Math.Min(ForLarge, Large), Alone = false };

    /// <summary>Whether an entry of that size may be taken.</summary>
    public bool Fits(long bytes) => bytes <= ByteBudget.SmallBytes ? Free >= ByteBudget.SmallBytes : bytes <= ForLarge || Alone;

    /// <summary>What is left after an entry of that size was taken.</summary>
    public ByteRoom Without(long bytes)
    {
        if (bytes <= ByteBudget.SmallBytes)
            return this with { Free = Free - bytes, ForLarge = ForLarge - bytes };
        var counted = Math.Min(bytes, Math.Max(0, ForLarge));
        return new ByteRoom(Free - counted, ForLarge - counted, Large, Alone && bytes <= Large && bytes <= ForLarge);
    }

    public RedisValue[] Arguments => [Free, ForLarge, Large, Alone ? 1 : 0];
}

/// <summary>What one email in work is counted with.</summary>
/// <param name="Bytes">Of the budget.</param>
/// <param name="Exclusive">It is large, or went beyond the limit.</param>
internal readonly record struct ByteCharge(long Bytes, bool Exclusive);
