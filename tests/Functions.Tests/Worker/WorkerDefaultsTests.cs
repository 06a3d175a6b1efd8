using EmailIngestion.Consuming;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace EmailIngestion.Functions.Tests.Worker;

public sealed class WorkerDefaultsTests
{
    /// <summary>The host ends a worker after five seconds. In other processes the default is 20 s.</summary>
    [Theory]
    [InlineData(null, "00:00:03")]
    [InlineData("00:00:10", "00:00:10")]
    public void The_grace_time_of_a_worker_is_three_seconds_unless_it_is_set(string? setting, string grace)
    {
        var builder = FunctionsApplication.CreateBuilder([]);
        if (setting is not null)
            builder.Configuration.AddInMemoryCollection([new("Consumer:ShutdownGrace", setting)]);
        builder.AddEmailIngestion();
        using var host = builder.Build();

        Assert.Equal(TimeSpan.Parse(grace, null), host.Services.GetRequiredService<IOptions<ConsumerOptions>>().Value.ShutdownGrace);
        Assert.Equal(TimeSpan.FromSeconds(20), new ConsumerOptions().ShutdownGrace);
    }
}
