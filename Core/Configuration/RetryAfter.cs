using System.Net.Http.Headers;

namespace EmailIngestion.Configuration;

/// <summary>Reads the header Retry-After (RFC 9110, section 10.2.3): seconds or a date.</summary>
internal static class RetryAfter
{
    /// <summary>How long a server asks to wait; zero for a date in the past, and null if it does not say.</summary>
    public static TimeSpan? Of(RetryConditionHeaderValue? header, DateTimeOffset now) =>
        header?.Date is { } date ? (date > now ? date - now : TimeSpan.Zero) : header?.Delta;
}
