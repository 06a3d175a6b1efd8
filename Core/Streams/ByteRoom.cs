using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>What a consumer may be handed now, as budget.lua keeps account of it.</summary>
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

    public RedisValue[] Arguments => [Free, ForLarge, Large, Alone ? 1 : 0];
}

/// <summary>What one email in work is counted with.</summary>
/// <param name="Bytes">Of the budget.</param>
/// <param name="Exclusive">It is large, or went beyond the limit.</param>
internal readonly record struct ByteCharge(long Bytes, bool Exclusive);
