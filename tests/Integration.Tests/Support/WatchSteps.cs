using Microsoft.Extensions.Time.Testing;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>Steps of the tests of watches.</summary>
internal static class WatchSteps
{
    /// <summary>Waits until the stream has so many emails.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="count">The number of emails.</param>
    /// <param name="time">A clock that passes meanwhile; null for the system's.</param>
    public static Task AppendedAsync(this TestPartition partition, int count, FakeTimeProvider? time = null)
    {
        var looks = 0;
        return Eventually.TrueAsync(
            async () =>
            {
                if (++looks % 10 == 0)
                    time?.Advance(TimeSpan.FromSeconds(31));
                return await partition.Database.StreamLengthAsync(partition.Keys.Stream) == count;
            },
            $"{count} emails are appended");
    }
}
