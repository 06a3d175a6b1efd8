namespace EmailIngestion.Bench;

/// <summary>The built-in processors, by number on a side's command line.</summary>
internal enum BenchProcessor
{
    Archive,
    Webhook,
}
