using EmailIngestion.Processing;
using Polly.Registry;

namespace EmailIngestion.Consuming;

/// <summary>The guards of this process: one for each list of processors in the settings.</summary>
internal sealed class ProcessorGuards
{
    private readonly ProcessorRoutes _routes;
    private readonly ProcessorGuard[] _guards;

    public ProcessorGuards(
        ProcessorRoutes routes, Circuits circuits, ResiliencePipelineProvider<string> pipelines, IServiceProvider services)
    {
        _routes = routes;
        _guards =
        [
            .. circuits.All.Select((circuit, index) => new ProcessorGuard(
                index == 0 ? pipelines.GetPipeline(ProcessingPipeline.Name) : ProcessingPipeline.Build(services, circuit),
                circuit,
                new OutageExemptions(),
                new DependencyWatch())),
        ];
    }

    /// <summary>Whether the read loop continues while a circuit is open.</summary>
    public bool AreSeveral => _guards.Length > 1;

    /// <summary>Returns the guard of a mailbox's emails.</summary>
    public ProcessorGuard Of(string mailbox) => _guards[_routes.Of(mailbox).Processors.Index];
}
