using EmailIngestion.Functions.Tests.Hosting;

namespace EmailIngestion.Functions.Tests.Worker;

/// <summary>A built Functions app of this repository.</summary>
/// <param name="ScriptRoot">The folder of the build's output, which a host calls the script root.</param>
/// <param name="Assembly">The path of the app's assembly.</param>
internal sealed record WorkerApp(string ScriptRoot, string Assembly)
{
    public static WorkerApp Functions { get; } = Built("Functions", "EmailIngestion.Functions.dll");

    public static WorkerApp Invoices { get; } = Built("samples/Invoices", "Invoices.dll");

    // The tests and the apps are built in the same configuration.
    private static WorkerApp Built(string project, string assembly)
    {
        var configuration = Path.GetRelativePath(Path.Combine(AppContext.BaseDirectory, "..", ".."), AppContext.BaseDirectory);
        var output = Path.Combine(Repository.Root, project, "bin", configuration);
        return new WorkerApp(output, Path.Combine(output, assembly));
    }
}
