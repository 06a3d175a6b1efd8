using EmailIngestion.Configuration;
using EmailIngestion.Messages;
using EmailIngestion.Messages.Authentication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Processing;

/// <summary>
/// Runs the selected processor. A processor that is not a singleton gets its own scope for each run. The scope ends with the run: an
/// abandoned run keeps its scope until it ends, and a run after a failed one does not see that one's state, for example in a DbContext.
/// </summary>
internal sealed class ProcessorRunner
{
    private readonly string _name;
    private readonly IServiceProvider _services;
    private readonly IEmailProcessor? _singleton;
    private readonly ReadingSettings _settings;

    public ProcessorRunner(IServiceProvider services, IEnumerable<ProcessorRegistration> registrations, IOptions<ProcessingOptions> options)
    {
        _services = services;
        _name = options.Value.Processor;
        var dkimKeys = options.Value.VerifyDkim ? services.GetRequiredService<IDkimKeys>() : null;
        _settings = new ReadingSettings { Limits = options.Value.Limits, DkimKeys = dkimKeys };
        // The container resolves the last registration of a name.
        if (registrations.Last(registration => registration.Name == _name).Lifetime == ServiceLifetime.Singleton)
            _singleton = Resolve(services);
    }

    /// <summary>Creates the processor once, so that one that cannot be created fails the start and not the deliveries.</summary>
    /// <exception cref="SettingsException">A service of the processor is missing, or the archive cannot be written.</exception>
    public async ValueTask CheckAsync()
    {
        if (_singleton is ArchiveProcessor archive)
            await archive.CheckAsync(CancellationToken.None);
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

    // Limits the email before any processor can parse it. An email that cannot exceed the limits, as most small ones, is checked when it is
    // parsed: an earlier check would be a large part of the cost of a short delivery.
    private void Limit(EmailMessage email, CancellationToken cancellationToken)
    {
        email.Begin(_settings, cancellationToken);
        if (!_settings.Limits.CannotBeExceededBy(email.Raw.Span))
            email.Check();
    }

    private IEmailProcessor Resolve(IServiceProvider services)
    {
        try
        {
            return services.GetRequiredKeyedService<IEmailProcessor>(_name);
        }
        catch (InvalidOperationException e) when (IsContainers(e))
        {
            throw new SettingsException($"Processing:Processor is '{_name}', which cannot be created: {BoundedText.Line(e.Message)}");
        }
    }

    // An exception of the processor's own constructor is not a wrong setting, and keeps its stack trace.
    private static bool IsContainers(Exception error) =>
        error.Source?.StartsWith("Microsoft.Extensions.DependencyInjection", StringComparison.Ordinal) == true;
}
