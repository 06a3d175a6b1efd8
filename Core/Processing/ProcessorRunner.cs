using EmailIngestion.Configuration;
using EmailIngestion.Messages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Processing;

/// <summary>
/// Runs the chosen processor. One that is not a singleton gets a scope of its own for each run, which ends with the run: a run that is
/// given up keeps it until it ends, and a run that follows a failed one does not see what that one left, in a DbContext for example.
/// </summary>
internal sealed class ProcessorRunner
{
    private readonly string _name;
    private readonly IServiceProvider _services;
    private readonly IEmailProcessor? _singleton;
    private readonly MessageLimits _limits;

    public ProcessorRunner(IServiceProvider services, IEnumerable<ProcessorRegistration> registrations, IOptions<ProcessingOptions> options)
    {
        _services = services;
        _name = options.Value.Processor;
        _limits = options.Value.Limits;
        // The last registration of a name is the one that the container resolves.
        if (registrations.Last(registration => registration.Name == _name).Lifetime == ServiceLifetime.Singleton)
            _singleton = Resolve(services);
    }

    /// <summary>Makes the processor once, so that one that cannot be made ends the start and no email's deliveries.</summary>
    /// <exception cref="SettingsException">A service that it needs is missing, or the archive cannot be written.</exception>
    public async ValueTask CheckAsync()
    {
        if (_singleton is ArchiveProcessor archive)
            archive.Check();
        if (_singleton is not null)
            return;
        await using var scope = _services.CreateAsyncScope();
        Resolve(scope.ServiceProvider);
    }

    public async Task RunAsync(EmailDelivery delivery, CancellationToken cancellationToken)
    {
        Limit(delivery.Email, cancellationToken);
        if (_singleton is not null)
        {
            await _singleton.ProcessAsync(delivery, cancellationToken);
            return;
        }

        await using var scope = _services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredKeyedService<IEmailProcessor>(_name).ProcessAsync(delivery, cancellationToken);
    }

    // Before the processor has it, whatever it does with it. An email that cannot exceed the limits, as most small ones, is checked when it
    // is parsed: the check would be a good part of what a short delivery costs.
    private void Limit(EmailMessage email, CancellationToken cancellationToken)
    {
        if (_limits.CannotBeExceededBy(email.Raw.Span))
            email.Limit(_limits);
        else
            email.Check(_limits, cancellationToken);
    }

    private IEmailProcessor Resolve(IServiceProvider services)
    {
        try
        {
            return services.GetRequiredKeyedService<IEmailProcessor>(_name);
        }
        catch (InvalidOperationException e) when (IsContainers(e))
        {
            throw new SettingsException($"Processing:Processor is '{_name}', which cannot be made: {BoundedText.Line(e.Message)}");
        }
    }

    // Not one that the processor's own constructor threw: that keeps its stack trace.
    private static bool IsContainers(Exception error) =>
        error.Source?.StartsWith("Microsoft.Extensions.DependencyInjection", StringComparison.Ordinal) == true;
}
