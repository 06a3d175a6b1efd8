using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace EmailIngestion.Telemetry;

/// <summary>The metrics of what the accounts of mailboxes download.</summary>
internal sealed class DownloadMetrics
{
    private readonly ConcurrentDictionary<string, (long Bytes, bool IsReached)> _downloads = new();

    public DownloadMetrics(Meter meter)
    {
        meter.CreateObservableGauge(
            "email_ingestion_downloaded_bytes",
            () => _downloads.Select(item => new Measurement<long>(item.Value.Bytes, Mailbox(item.Key))),
            description: "Bytes of email that the mailbox's account has downloaded in 24 hours, over all pollers.");
        meter.CreateObservableGauge(
            "email_ingestion_download_limit_reached",
            () => _downloads.Select(item => new Measurement<int>(item.Value.IsReached ? 1 : 0, Mailbox(item.Key))),
            description: "1 while polls wait, because the account has downloaded 90 % of what it may in 24 hours.");
    }

    /// <summary>Sets what a mailbox's account has downloaded in 24 hours, and whether its polls wait for that.</summary>
    public void Set(string mailbox, long bytes, bool isReached) => _downloads[mailbox] = (bytes, isReached);

    public void Forget(string mailbox) => _downloads.TryRemove(mailbox, out _);

    private static KeyValuePair<string, object?> Mailbox(string name) => new(TelemetryNames.Mailbox, name);
}
