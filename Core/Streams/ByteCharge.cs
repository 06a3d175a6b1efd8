namespace EmailIngestion.Streams;

/// <summary>What the budget charges for one email in work.</summary>
/// <param name="Bytes">The charged bytes.</param>
/// <param name="Exclusive">The email is large or exceeded the limit.</param>
/// <param name="Beyond">Who took more than fitted into memory (<see cref="ByteBudget.Load"/>); null: nobody.</param>
internal readonly record struct ByteCharge(long Bytes, bool Exclusive, object? Beyond = null);
