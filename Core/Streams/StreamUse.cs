namespace EmailIngestion.Streams;

/// <summary>What a process does with a partition.</summary>
internal enum StreamUse
{
    Poll,
    Consume,
}
