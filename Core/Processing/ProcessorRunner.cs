using System.Collections.Concurrent;
using EmailIngestion.Configuration;
using EmailIngestion.Messages;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Processing;

/// <summary>
/// Runs the processors of an email's mailbox, one after the other. After a failure the next run begins with the first one.
/// </summary>
internal sealed class ProcessorRunner
{
    private readonly ProcessorRoutes _routes;
    private readonly IServiceProvider _services;
    private readonly Dictionary<string, ServiceLifetime> _lifetimes;
    private readonly ConcurrentDictionary<string, ProcessorStep> _byName = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, ProcessorStep[]> _steps = new();

    public ProcessorRunner(IServiceProvider services, IEnumerable<ProcessorRegistration> registrations, ProcessorRoutes routes)
    {
        _routes = routes;
        _services = services;
        // The container resolves the last registration of a name.
        _lifetimes = registrations.GroupBy(registration => registration.Name, StringComparer.Ordinal)
            .ToDictionary(same => same.Key, same => same.Last().Lifetime, StringComparer.Ordinal);
        foreach (var list in routes.Lists)
            StepsOf(list);
    }

    /// <summary>Creates each processor once, so that one that cannot be created fails the start and not the deliveries.</summary>
    /// <exception cref="SettingsException">A service of a processor is missing, or the archive cannot be written.</exception>
    public async ValueTask CheckAsync()
    {
        foreach (var step in _byName.Values)
            await step.CheckAsync();
    }

    /// <summary>Does the same for the processors of a setting, before a route uses them. Their names must be registered.</summary>
    public async ValueTask CheckAsync(string setting, string processors)
    {
        foreach (var name in ProcessorNames.Read(processors, _lifetimes.Keys))
        {
            if (_byName.ContainsKey(name))
                continue;
            // Kept only after the check, so that one that failed is checked again.
            var step = Create(name, setting);
            await step.CheckAsync();
            _byName.TryAdd(name, step);
        }
    }

    public Task RunAsync(EmailDelivery delivery, CancellationToken cancellationToken)
    {
        var route = _routes.Of(delivery.Email.Mailbox);
        Limit(delivery.Email, route.Reading, cancellationToken);
        var steps = StepsOf(route.Processors);
        return steps.Length == 1 ? steps[0].RunAsync(delivery, cancellationToken) : RunAllAsync(steps, delivery, cancellationToken);
    }

    private ProcessorStep[] StepsOf(ProcessorList list) => _steps.TryGetValue(list.Index, out var steps)
        ? steps
        : _steps.GetOrAdd(list.Index, _ => [.. list.Names.Select(name => StepOf(name, list.Setting))]);

    private ProcessorStep StepOf(string name, string setting) =>
        _byName.GetOrAdd(name, _ => Create(name, setting));

    private ProcessorStep Create(string name, string setting) => new(name, _lifetimes[name], setting, _services);

    private static async Task RunAllAsync(ProcessorStep[] steps, EmailDelivery delivery, CancellationToken cancellationToken)
    {
        foreach (var step in steps)
        {
            // An abandoned run does not start its next processor.
            cancellationToken.ThrowIfCancellationRequested();
            await step.RunAsync(delivery, cancellationToken);
        }
    }

    // Limits the email before any processor can parse it. An email that cannot exceed the limits, as most small ones, is checked when it is
    // parsed: an earlier check would be a large part of the cost of a short delivery.
    private static void Limit(EmailMessage email, ReadingSettings reading, CancellationToken cancellationToken)
    {
        email.Begin(reading, cancellationToken);
        if (!email.IsInMemory || !reading.Limits.CannotBeExceededBy(email.Raw.Span))
            email.Check();
    }
}
