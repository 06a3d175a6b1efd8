using EmailIngestion.Operations.Status;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EmailIngestion.Functions;

/// <summary>Shows the settings in force in this process, without secrets.</summary>
public sealed class SettingsFunction(IngestionSettings settings)
{
    [Function("Settings")]
    public Task<IResult> RunAsync([HttpTrigger(AuthorizationLevel.Function, "get", Route = "settings")] HttpRequest request) =>
        FunctionRequests.AnswerAsync(request, [], () => Task.FromResult(
            FunctionResults.Json(new SettingsReport(settings.Read()), ControlFunctionJson.Default.SettingsReport)));
}
