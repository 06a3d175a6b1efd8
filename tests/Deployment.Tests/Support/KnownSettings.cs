using System.Text.RegularExpressions;
using EmailIngestion.Functions;
using EmailIngestion.Local.Hosting;
using Microsoft.Azure.Functions.Worker;

namespace EmailIngestion.Deployment.Tests.Support;

/// <summary>
/// The environment variables that a pod may have: the settings of the options classes, by reflection, and the host's settings in use.
/// </summary>
internal static partial class KnownSettings
{
    // Documented settings of the Functions host, the runtime and Azure.Identity.
    private static readonly string[] Host =
    [
        "AzureWebJobsStorage", "AzureFunctionsWebHost__hostid", "AzureWebJobsSecretStorageType", "FUNCTIONS_WORKER_RUNTIME",
        "ASPNETCORE_URLS",
        "AzureWebJobsScriptRoot", "AzureFunctionsJobHost__Logging__Console__IsEnabled", "HOME",
        "AZURE_TOKEN_CREDENTIALS",
        // Of this app, and no part of an options class.
        "SECRETS_FOLDER", "MAILBOXES_FILE",
    ];

    /// <summary>The functions that need a key.</summary>
    public static IReadOnlyList<string> KeyedFunctions { get; } = [
        .. Functions(function => function.Http?.AuthLevel is not (null or AuthorizationLevel.Anonymous))];

    private static readonly HashSet<string> Names =
    [
        .. Host,
        .. Functions(_ => true).Select(name => $"AzureWebJobs.{name}.Disabled"),
        .. Functions(function => function.Timer is not null, function => function.Timer!.Schedule.Trim('%')),
        .. OptionsSetting.All.Select(setting => setting.Name.Replace(":", "__", StringComparison.Ordinal)),
    ];

    /// <summary>Whether a setting exists. Those of a named webhook are those of section Webhook.</summary>
    public static bool Has(string name) => Names.Contains(NamedWebhook().Replace(Index().Replace(name, "__n"), "Webhook__"));

    private static IEnumerable<string> Functions(Func<FunctionDescriptor, bool> which, Func<FunctionDescriptor, string>? what = null) =>
        FunctionCatalog.Find(typeof(StatusFunction).Assembly).Where(which).Select(what ?? (function => function.Name));

    [GeneratedRegex("^Webhooks__[A-Za-z0-9_-]+?__")]
    private static partial Regex NamedWebhook();

    [GeneratedRegex("__[0-9]+")]
    private static partial Regex Index();
}
