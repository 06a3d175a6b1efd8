namespace EmailIngestion.Load;

/// <summary>Receives the progress of a run.</summary>
internal interface ILoadProgress
{
    void Report(long appended, long through);
}
