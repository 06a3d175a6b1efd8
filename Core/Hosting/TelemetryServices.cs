using EmailIngestion.Bodies;
using EmailIngestion.Configuration;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace EmailIngestion.Hosting;

/// <summary>Registers the metrics, the traces and their exporters.</summary>
internal static class TelemetryServices
{
    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        var options = new TelemetryOptions();
        StrictBinder.Bind(configuration.GetSection(TelemetryOptions.Section), options);
        var telemetry = services
            .AddSettings<TelemetryOptions>(configuration, TelemetryOptions.Section)
            .AddMetrics()
            .AddSingleton<Activities>()
            .AddSingleton<IngestionMetrics>()
            .AddSingleton<StreamMetrics>()
            .AddSingleton<BodyMetrics>()
            .AddLateService<StreamMonitor>()
            .AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddMeter(TelemetryNames.Meter, "Polly").AddPrometheus(options));
        // Every exporter gets the traces of this program. Without an exporter no span is created.
        services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddSource(TelemetryNames.ActivitySource));
        if (options.OtlpEndpoint.Length > 0)
            telemetry.WithTracing().UseOtlpExporter(OpenTelemetry.Exporter.OtlpExportProtocol.Grpc, new Uri(options.OtlpEndpoint));
        else if (!string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            telemetry.WithTracing().UseOtlpExporter();
        return services;
    }

    private static void AddPrometheus(this MeterProviderBuilder metrics, TelemetryOptions options)
    {
        if (options.PrometheusPort is > 0 and <= 65_535)
            metrics.AddPrometheusExporter().ConfigureServices(services => services.AddHostedService<PrometheusEndpoint>());
    }
}
