using EmailIngestion.Consuming;
using EmailIngestion.Integration.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

public sealed class NameInUseTests(TestServers servers)
{
    [Fact]
    public async Task A_name_in_use_is_refused_and_ends_the_process_that_wants_it()
    {
        await using var partition = await servers.PartitionWithMailAsync(0);
        await using var owner = partition.Partition.Join("taken", TimeSpan.FromMinutes(1));
        await owner.AcquireNameAsync(TimeSpan.FromMinutes(5), CancellationToken.None);
        var exitCode = Environment.ExitCode;
        try
        {
            var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
            var settings = partition.Settings();
            settings["Consumer:Name"] = "taken";
            settings["Polling:Enabled"] = "false";
            var host = await partition.StartHostAsync(settings, services => services.AddSingleton<TimeProvider>(time));
            // The consumer's own former process may own the name, so the consumer waits until that claim would expire.
            await Eventually.TrueAsync(
                () =>
                {
                    time.Advance(TimeSpan.FromMilliseconds(500));
                    return host.Lifetime.ApplicationStopping.IsCancellationRequested;
                },
                "the process ends");

            Assert.True(time.GetUtcNow() - time.Start > NameClaim.Life);
            Assert.Equal(1, Environment.ExitCode);
            Assert.True(await owner.AcquireNameAsync(TimeSpan.FromMinutes(5), CancellationToken.None));
        }
        finally
        {
            Environment.ExitCode = exitCode;
        }
    }
}
