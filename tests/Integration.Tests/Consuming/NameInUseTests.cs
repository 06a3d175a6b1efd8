using EmailIngestion.Integration.Tests.Support;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

public sealed class NameInUseTests(TestServers servers)
{
    [Fact]
    public async Task A_name_in_use_is_refused_and_ends_the_process_that_wants_it()
    {
        await using var partition = await servers.PartitionWithMailAsync(0);
        await using var holder = partition.Partition.Join("taken", TimeSpan.FromMinutes(1));
        await holder.HoldNameAsync(TimeSpan.FromMinutes(5), CancellationToken.None);
        var exitCode = Environment.ExitCode;
        try
        {
            var host = await partition.StartConsumerAsync(new ProcessorScript(Consumers.Completes), ("Consumer:Name", "taken"));
            using var ended = new CancellationTokenSource(TimeSpan.FromSeconds(40), TimeProvider.System);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
                Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationTokenSource.CreateLinkedTokenSource(host.Lifetime.ApplicationStopping, ended.Token).Token));

            Assert.True(host.Lifetime.ApplicationStopping.IsCancellationRequested);
            Assert.Equal(1, Environment.ExitCode);
            Assert.True(await holder.HoldNameAsync(TimeSpan.FromMinutes(5), CancellationToken.None));
        }
        finally
        {
            Environment.ExitCode = exitCode;
        }
    }
}
