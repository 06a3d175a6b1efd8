using EmailIngestion.Configuration;
using EmailIngestion.Messages;

namespace EmailIngestion.Processing;

/// <summary>
/// Runs the processors of an email's mailbox, one after the other. After a failure the next run begins with the first one.
/// </summary>
internal sealed class ProcessorRunner
{
    private readonly ProcessorRoutes _routes;
    private readonly Dictionary<string, ProcessorStep> _byName = new(StringComparer.Ordinal);
    private readonly ProcessorStep[][] _steps;

    public ProcessorRunner(IServiceProvider services, IEnumerable<ProcessorRegistration> registrations, ProcessorRoutes routes)
    {
        _routes = routes;
        // The container resolves the last registration of a name.
        var lifetimes = registrations.GroupBy(registration => registration.Name, StringComparer.Ordinal)
            .ToDictionary(same => same.Key, same => same.Last().Lifetime, StringComparer.Ordinal);
        _steps = [.. routes.Lists.Select(list => list.Names.Select(name => StepOf(name, list.Setting)).ToArray())];

        ProcessorStep StepOf(string name, string setting)
        {
            if (!_byName.TryGetValue(name, out var step))
                _byName[name] = step = new ProcessorStep(name, lifetimes[name], setting, services);
            return step;
        }
    }

    /// <summary>Creates each processor once, so that one that cannot be created fails the start and not the deliveries.</summary>
    /// <exception cref="SettingsException">A service of a processor is missing, or the archive cannot be written.</exception>
    public async ValueTask CheckAsync()
    {
        foreach (var step in _byName.Values)
            await step.CheckAsync();
    }

    public Task RunAsync(EmailDelivery delivery, CancellationToken cancellationToken)
    {
        var route = _routes.Of(delivery.Email.Mailbox);
        Limit(delivery.Email, route.Reading, cancellationToken);
        var steps = _steps[route.Processors.Index];
        return steps.Length == 1 ? steps[0].RunAsync(delivery, cancellationToken) : RunAllAsync(steps, delivery, cancellationToken);
    }

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
        if (!reading.Limits.CannotBeExceededBy(email.Raw.Span))
            email.Check();
    }
}
