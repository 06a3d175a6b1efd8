namespace EmailIngestion.Load;

/// <summary>Where the emails of a run come from.</summary>
internal interface ILoadSource : IAsyncDisposable
{
    /// <summary>Prepares everything that is not measured.</summary>
    Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>Brings all emails into the stream and returns the time that it took.</summary>
    Task<TimeSpan> ProduceAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The seconds between an email's date and the start of the run. They are subtracted from the measured end-to-end times.
    /// </summary>
    double BeforeStart { get; }

    /// <summary>The process of the source; null when it is this one.</summary>
    int? ProcessId { get; }
}
