namespace EmailIngestion.Load;

/// <summary>Who watches a run.</summary>
internal interface ILoadProgress
{
    void Report(long appended, long through);
}
