using EmailIngestion.Processing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Consuming;

/// <summary>The guards of this process: one for each list of processors in the settings.</summary>
internal sealed class ProcessorGuards(ProcessorRoutes routes, Circuits circuits, IServiceProvider services)
{
    // Kept when a list is no longer used, for its deliveries in work, and for the case that it is used again.
    private readonly Dictionary<int, ProcessorGuard> _guards = [];

    /// <summary>Whether the read loop continues while a circuit is open.</summary>
    public bool AreSeveral => routes.Lists.Count > 1;

    /// <summary>Returns the guard of a mailbox's emails.</summary>
    public ProcessorGuard Of(string mailbox)
    {
        var list = routes.Of(mailbox).Processors;
        lock (_guards)
        {
            if (!_guards.TryGetValue(list.Index, out var guard))
                _guards[list.Index] = guard = Create(list);
            return guard;
        }
    }

    private ProcessorGuard Create(ProcessorList list)
    {
        var circuit = circuits.Of(list);
        var breaker = ProcessingPipeline.Breaker(services, circuit);
        var pipeline = ProcessingPipeline.Around(breaker, services);
        var timeout = services.GetRequiredService<IOptions<ProcessingOptions>>().Value.AttemptTimeout;
        return new ProcessorGuard(pipeline, breaker, timeout, circuit, new OutageExemptions(), new DependencyWatch());
    }
}
