using System.Reflection;
using EmailIngestion.Streams;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Core.Tests.Streams;

/// <summary>Services that start together share the partitions, and what each partition remembers.</summary>
public sealed class StreamPartitionsTests
{
    private const int Rounds = 1_000;

    public static TheoryData<string> Parts =>
        [.. Properties().Where(property => property.PropertyType.IsClass && property.PropertyType != typeof(string))
            .Select(property => property.Name)];

    [Theory]
    [MemberData(nameof(Parts))]
    public async Task Two_threads_that_ask_at_the_same_time_get_the_same_part(string part)
    {
        var property = Properties().Single(one => one.Name == part);
        // Nothing here asks Redis.
        var options = Options.Create(new StreamOptions { ConnectionString = "127.0.0.1:1" });
        await using var connection = StreamConnection.Create(options);
        for (var round = 0; round < Rounds; round++)
        {
            var partitions = new StreamPartitions(connection, options, new FakeTimeProvider());
            using var barrier = new Barrier(2);
            object? Ask()
            {
                barrier.SignalAndWait(TestContext.Current.CancellationToken);
                return property.GetValue(partitions.Get("mail"));
            }

            var other = Task.Run(Ask, TestContext.Current.CancellationToken);
            var mine = Ask();
            Assert.NotNull(mine);
            Assert.Same(mine, await other);
        }
    }

    private static PropertyInfo[] Properties() =>
        typeof(StreamPartition).GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
}
