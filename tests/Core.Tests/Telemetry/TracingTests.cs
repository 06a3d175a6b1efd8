using EmailIngestion.Core.Tests.Configuration;
using EmailIngestion.Hosting;
using EmailIngestion.Messages;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Trace;
using Xunit;

namespace EmailIngestion.Core.Tests.Telemetry;

/// <summary>Spans are made only where an exporter is configured: a span for each email has a cost.</summary>
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
    public async Task A_custom_exporter_gets_the_spans_too()
    {
        var own = new ServiceCollection().AddLogging().AddEmailIngestion(Start.Configuration(Start.Good()));
        own.AddOpenTelemetry().WithTracing();
        await using var services = own.BuildServiceProvider();
        Assert.NotNull(services.GetService<TracerProvider>());
        Assert.NotNull(IngestionTracing.Append(new EmailId(1)));
    }
}
