using EmailIngestion.Load;

namespace EmailIngestion.Bench;

/// <summary>Reports nothing of a load test.</summary>
internal sealed class QuietProgress : ILoadProgress
{
    public void Report(long appended, long through)
    {
    }
}
