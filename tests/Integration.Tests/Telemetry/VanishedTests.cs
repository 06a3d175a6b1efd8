using EmailIngestion.Integration.Tests.Consuming;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace EmailIngestion.Integration.Tests.Telemetry;

/// <summary>Tests the log lines of a process when somebody deletes mail from the stream.</summary>
public sealed class VanishedTests(TestServers servers)
{
    [Fact]
    public async Task Deleted_mail_is_logged_once_as_an_error_and_counted_in_the_snapshot()
    {
        await using var partition = await servers.PartitionWithMailAsync(0);
        await partition.Partition.Stream.Settled.BeginAsync(TestContext.Current.CancellationToken);
        await Mails.AppendAsync(partition.Partition.Stream, 20);
        await partition.Database.StreamTrimAsync(partition.Keys.Stream, 13);
        var log = new LogLines();
        await partition.StartHostAsync(partition.ConsumingSettings(), services => services.AddSingleton<ILoggerProvider>(log));

        await Eventually.TrueAsync(() => log.At(LogLevel.Error).Count > 0, "it is logged");
        await partition.DrainedAsync();

        var line = Assert.Single(log.At(LogLevel.Error));
        Assert.StartsWith(
            $"7 entries vanished from {partition.Keys.Stream} before they were processed: all before ", line, StringComparison.Ordinal);
        Assert.Equal(7, (await partition.ReadSnapshotAsync()).Vanished);
        Assert.Equal(13, partition.ArchivedFiles("*.json").Length);
    }
}
