using System.ComponentModel.DataAnnotations;

namespace EmailIngestion.Telemetry;

/// <summary>Section <c>Telemetry</c>: the targets of metrics and traces.</summary>
public sealed class TelemetryOptions
{
    /// <summary>The name of the section.</summary>
    public const string Section = "Telemetry";

    /// <summary>
    /// The OTLP endpoint for metrics and traces, such as <c>http://localhost:4317</c>. Default: empty, no export, unless
    /// OTEL_EXPORTER_OTLP_ENDPOINT is set.
    /// </summary>
    public string OtlpEndpoint { get; set; } = "";

    /// <summary>The port of <c>/metrics</c> for Prometheus. Default 0: none.</summary>
    [Range(0, 65_535)]
    public int PrometheusPort { get; set; }

    /// <summary>
    /// The address to listen on: <c>localhost</c> (default), an IP address of this machine, or <c>*</c> for all addresses. A scraper on
    /// another machine needs one of the latter two. The metrics contain the names of mailboxes, and the endpoint asks for no key.
    /// </summary>
    [RegularExpression(@"\*|localhost|[0-9.]+|[0-9A-Fa-f:]+", ErrorMessage = "it must be *, localhost or an IP address of this machine.")]
    [Required]
    public string PrometheusHost { get; set; } = "localhost";
}
