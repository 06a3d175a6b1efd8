using System.Diagnostics;

namespace EmailIngestion.Telemetry;

/// <summary>The spans: a poll, the append of one email, its delivery. The W3C context travels in the entry, the dead letter and the replay.</summary>
internal static class IngestionTracing
{
    private static readonly ActivitySource Source = new(TelemetryNames.ActivitySource);

    public static Activity? StartPoll(string mailbox) =>
        Source.StartActivity("poll")?.SetTag(TelemetryNames.Mailbox, mailbox);

    /// <summary>The context that an appended email carries: of a span of its own, so that each email can be followed by itself.</summary>
    public static string? Append<TId>(TId emailId)
        where TId : struct
    {
        using var activity = Source.StartActivity("append", ActivityKind.Producer);
        return activity?.SetTag("email.id", emailId.ToString()).Id;
    }

    public static Activity? StartDelivery<TId>(TId emailId, string mailbox, string? traceParent, int number)
        where TId : struct
    {
        ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent);
        return Source.StartActivity("process", ActivityKind.Consumer, parent)?
            .SetTag("email.id", emailId.ToString())
            .SetTag("email.mailbox", mailbox)
            .SetTag("delivery.number", number);
    }

    /// <summary>Records why a delivery failed, as OpenTelemetry's semantic conventions have an exception.</summary>
    public static void Fail(Activity activity, string type, string message, string stackTrace) =>
        activity.AddEvent(new ActivityEvent("exception", tags: new ActivityTagsCollection
        {
            ["exception.type"] = type,
            ["exception.message"] = message,
            ["exception.stacktrace"] = stackTrace,
        }));
}
