using System.Diagnostics;

namespace EmailIngestion.Telemetry;

/// <summary>
/// Starts the spans of a poll, of the append of an email and of a delivery. The entry, the dead letter and the replay carry the W3C
/// context.
/// </summary>
internal static class IngestionTracing
{
    private static readonly ActivitySource Source = new(TelemetryNames.ActivitySource);

    public static Activity? StartPoll(string mailbox) =>
        Source.StartActivity("poll")?.SetTag(TelemetryNames.Mailbox, mailbox);

    /// <summary>Records the append of an email as its own span and returns the span's context; null without tracing.</summary>
    public static string? Append<TId>(TId emailId)
        where TId : struct
    {
        using var activity = Source.StartActivity("append", ActivityKind.Producer);
        return activity?.SetTag("email.id", emailId.ToString()).Id;
    }

    public static Activity? StartDelivery<TId>(TId emailId, string mailbox, string? traceParent, int deliveryCount)
        where TId : struct
    {
        ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent);
        return Source.StartActivity("process", ActivityKind.Consumer, parent)?
            .SetTag("email.id", emailId.ToString())
            .SetTag("email.mailbox", mailbox)
            .SetTag("delivery.number", deliveryCount);
    }

    /// <summary>Adds the exception of a failed delivery to its span, by OpenTelemetry's semantic conventions.</summary>
    public static void Fail(Activity activity, string type, string message, string stackTrace) =>
        activity.AddEvent(new ActivityEvent("exception", tags: new ActivityTagsCollection
        {
            ["exception.type"] = type,
            ["exception.message"] = message,
            ["exception.stacktrace"] = stackTrace,
        }));
}
