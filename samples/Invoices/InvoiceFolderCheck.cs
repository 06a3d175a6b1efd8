using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Invoices;

/// <summary>Reports this process as not ready while invoices cannot be written.</summary>
internal sealed class InvoiceFolderCheck(InvoiceRegister register) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            register.CheckFolder();
            return Task.FromResult(HealthCheckResult.Healthy());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Anybody may read the description. The exception goes to the log.
            return Task.FromResult(HealthCheckResult.Unhealthy("the folder of the invoices cannot be written", e));
        }
    }
}
