using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>The bytes that a consumer may receive now. budget.lua counts them in the same way.</summary>
/// <param name="Free">Bytes left for small entries.</param>
/// <param name="ForLarge">Bytes left for the others.</param>
/// <param name="Large">An entry above this is large. While one is in work, no entry may exceed the limit.</param>
/// <param name="Alone">Nothing large is in work, so one entry may exceed the limit.</param>
internal readonly record struct ByteRoom(long Free, long ForLarge, long Large, bool Alone)
{
    /// <summary>How many small entries of any size fit.</summary>
    public int SmallEntries => (int)Math.Min(int.MaxValue, Free / ByteBudget.SmallBytes);

    /// <summary>The room without the part reserved for entries that already wait. A new large entry waits behind them.</summary>
    public ByteRoom BehindOthers => this with { ForLarge = Math.Min(ForLarge, Large), Alone = false };

    /// <summary>The room with bytes that are returned.</summary>
    public ByteRoom With(long bytes) => this with { Free = Free + bytes, ForLarge = ForLarge + bytes };

    /// <summary>Whether an entry of that size fits.</summary>
    public bool Fits(long bytes) => bytes <= ByteBudget.SmallBytes ? Free >= ByteBudget.SmallBytes : bytes <= ForLarge || Alone;

    /// <summary>The room that is left after an entry of that size.</summary>
    public ByteRoom Without(long bytes)
    {
        if (bytes <= ByteBudget.SmallBytes)
            return this with { Free = Free - bytes, ForLarge = ForLarge - bytes };
        var counted = Math.Min(bytes, Math.Max(0, ForLarge));
        return new ByteRoom(Free - counted, ForLarge - counted, Large, Alone && bytes <= Large && bytes <= ForLarge);
    }

    /// <summary>The arguments of budget.lua.</summary>
    public RedisValue[] Arguments => [Free, ForLarge, Large, Alone ? 1 : 0];
}
