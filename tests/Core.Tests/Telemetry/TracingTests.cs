using EmailIngestion.Core.Tests.Configuration;
using EmailIngestion.Hosting;
using EmailIngestion.Messages;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Trace;
using Xunit;

namespace EmailIngestion.Core.Tests.Telemetry;

/// <summary>Spans are made for whoever exports them, and for nobody else: one for each email is not free.</summary>
public sealed class TracingTests
{
    [Fact]
    public async Task Spans_are_made_only_where_traces_are_exported()
    {
        await using (var silent = Start.Services(Start.Good()))
        {
            Assert.Null(silent.GetService<TracerProvider>());
            Assert.Null(IngestionTracing.Append(new EmailId(1)));
        }

        await using var exporting = Start.Services(Start.Good(("Telemetry:OtlpEndpoint", "http://127.0.0.1:1")));
        Assert.NotNull(exporting.GetService<TracerProvider>());
        Assert.NotNull(IngestionTracing.Append(new EmailId(1)));
    }

    [Fact]
    public async Task An_exporter_of_ones_own_gets_them_too()
    {
        var own = new ServiceCollection().AddLogging().AddEmailIngestion(Start.Configuration(Start.Good()));
        own.AddOpenTelemetry().WithTracing();
        await using var services = own.BuildServiceProvider();
        Assert.NotNull(services.GetService<TracerProvider>());
        Assert.NotNull(IngestionTracing.Append(new EmailId(1)));
    }
}
