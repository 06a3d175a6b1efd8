namespace EmailIngestion.Bench.Sides;

/// <summary>The arguments in the order of the command line.</summary>
internal sealed record ConsumeArguments(int Port, int Waiting, int Window, int Times, int Bytes, int BatchSize, int Concurrency)
{
    public ConsumeArguments(int[] numbers)
        : this(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6])
    {
    }
}
