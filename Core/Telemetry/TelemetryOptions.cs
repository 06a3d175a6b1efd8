using System.ComponentModel.DataAnnotations;

namespace EmailIngestion.Telemetry;

/// <summary>Section <c>Telemetry</c>: where metrics and traces go.</summary>
public sealed class TelemetryOptions
{
    public const string Section = "Telemetry";

    /// <summary>OTLP endpoint for metrics and traces, such as <c>http://localhost:4317</c>. Empty: none. OTEL_EXPORTER_OTLP_ENDPOINT works too.</summary>
    public string OtlpEndpoint { get; set; } = "";

    /// <summary>Port on which Prometheus finds <c>/metrics</c>. Default 0: none.</summary>
    [Range(0, 65_535)]
    public int PrometheusPort { get; set; }

    /// <summary>
    /// The addresses to listen on there: <c>localhost</c> (default), an IP address of this machine, or <c>*</c> for all, which a scraper on
    /// another machine needs. The metrics name mailboxes, and want no key.
    /// </summary>
    [RegularExpression(@"\*|localhost|[0-9.]+|[0-9A-Fa-f:]+", ErrorMessage = "it must be *, localhost or an IP address of this machine.")]
    [Required]
    public string PrometheusHost { get; set; } = "localhost";
}
