using EmailIngestion.Configuration;
using EmailIngestion.Messages;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Processing;

/// <summary>
/// Runs one processor. A processor that is not a singleton gets its own scope for each run. The scope ends with the run: an abandoned run
/// keeps its scope until it ends, and a run after a failed one does not see that one's state, for example in a DbContext.
/// </summary>
internal sealed class ProcessorStep
{
    private readonly string _name;
    private readonly string _setting;
    private readonly IServiceProvider _services;
    private readonly IEmailProcessor? _singleton;

    /// <param name="name">The registered name of the processor.</param>
    /// <param name="lifetime">Its lifetime.</param>
    /// <param name="setting">The setting that names it, for error messages.</param>
    /// <param name="services">The services of the process.</param>
    public ProcessorStep(string name, ServiceLifetime lifetime, string setting, IServiceProvider services)
    {
        _name = name;
        _setting = setting;
        _services = services;
        if (lifetime == ServiceLifetime.Singleton)
            _singleton = Resolve(services);
    }

    /// <inheritdoc cref="ProcessorRunner.CheckAsync()"/>
    public async ValueTask CheckAsync()
    {
        if (_singleton is ArchiveProcessor archive)
            await archive.CheckAsync(CancellationToken.None);
        if (_singleton is not null)
            return;
        await using var scope = _services.CreateAsyncScope();
        Resolve(scope.ServiceProvider);
    }

    public Task RunAsync(EmailDelivery delivery, CancellationToken cancellationToken) =>
        _singleton is not null ? _singleton.ProcessAsync(delivery, cancellationToken) : RunInScopeAsync(delivery, cancellationToken);

    private async Task RunInScopeAsync(EmailDelivery delivery, CancellationToken cancellationToken)
    {
        await using var scope = _services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredKeyedService<IEmailProcessor>(_name).ProcessAsync(delivery, cancellationToken);
    }

    private IEmailProcessor Resolve(IServiceProvider services)
    {
        try
        {
            return services.GetRequiredKeyedService<IEmailProcessor>(_name);
        }
        catch (InvalidOperationException e) when (IsContainers(e))
        {
            throw new SettingsException($"{_setting} names '{_name}', which cannot be created: {BoundedText.Line(e.Message)}");
        }
    }

    // An exception of the processor's own constructor is not a wrong setting, and keeps its stack trace.
    private static bool IsContainers(Exception error) =>
        error.Source?.StartsWith("Microsoft.Extensions.DependencyInjection", StringComparison.Ordinal) == true;
}
