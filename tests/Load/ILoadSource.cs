namespace EmailIngestion.Load;

/// <summary>Where the emails of a run come from.</summary>
internal interface ILoadSource : IAsyncDisposable
{
    /// <summary>Makes everything ready that is not to be measured.</summary>
    Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>Brings all the emails into the stream; answers how long it took.</summary>
    Task<TimeSpan> ProduceAsync(CancellationToken cancellationToken);

    /// <summary>What to take off the measured end-to-end times: what went by between an email's date and the run's start, in seconds.</summary>
    double BeforeStart { get; }
}
