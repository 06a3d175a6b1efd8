using EmailIngestion.Bodies;
using EmailIngestion.Consuming;
using EmailIngestion.Health;
using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.Imap;
using EmailIngestion.Mailboxes.SignIn;
using EmailIngestion.Processing;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Control;
using EmailIngestion.Streams.Orphans;
using EmailIngestion.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Hosting;

/// <summary>Registers the services of all stages, with one method for each stage.</summary>
public static class IngestionServices
{
    public static IServiceCollection AddEmailIngestion(this IServiceCollection services, IConfiguration configuration) => services
        .AddStreams(configuration)
        .AddMailboxSettings(configuration)
        .AddMailboxes(configuration)
        .AddProcessing(configuration)
        .AddConsuming(configuration)
        .AddTelemetry(configuration)
        .AddOperations(configuration)
        .AddControl()
        .AddIngestionHealth();

    /// <summary>
    /// Registers the poll timer: a timer of this host calls the poller on the schedule <c>POLL_SCHEDULE</c>. The start checks the schedule.
    /// The process is not ready while the timer does not fire.
    /// </summary>
    public static IServiceCollection AddPollTimer(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<PollTimerOptions>()
            .Configure(options =>
            {
                options.Schedule = configuration[PollTimerOptions.Setting] ?? "";
                options.IsDisabled = FunctionSwitch.IsDisabled(configuration, PollTimerOptions.Function);
            })
            .ValidateOnStart();
        return services
            .AddSingleton<IValidateOptions<PollTimerOptions>, PollTimerOptionsRules>()
            .AddHostedService(provider => provider.GetRequiredService<PollTimer>());
    }

    /// <summary>Registers your own processor. <c>Processing:Processor</c> selects it by its name.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="name">The name for <c>Processing:Processor</c>, without commas and colons, and not <c>webhook</c>.</param>
    /// <param name="lifetime">
    /// Default scoped: a processor is created for each run in its own scope, so it may use scoped services such as an EF Core DbContext. A
    /// singleton is created once, processes many emails at the same time, and runs without a scope.
    /// </param>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    public static IServiceCollection AddEmailProcessor<TProcessor>(
        this IServiceCollection services, string name, ServiceLifetime lifetime = ServiceLifetime.Scoped)
        where TProcessor : class, IEmailProcessor
    {
        if (ProcessorNames.NameFault(name) is { } fault)
            throw new ArgumentException(fault, nameof(name));
        services.AddSingleton(new ProcessorRegistration(name, lifetime));
        services.Add(ServiceDescriptor.DescribeKeyed(typeof(IEmailProcessor), name, typeof(TProcessor), lifetime));
        return services;
    }

    private static IServiceCollection AddStreams(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services
            .AddSettings<StreamOptions>(configuration, StreamOptions.Section, options => GuideSettings.Apply(configuration, options))
            .AddSingleton<IValidateOptions<StreamOptions>, StreamOptionsRules>()
            .AddSettings<BodiesOptions>(configuration, BodiesOptions.Section)
            .AddSingleton<IValidateOptions<BodiesOptions>, BodiesOptionsRules>()
            .AddSingleton(provider => StreamConnection.Create(
                provider.GetRequiredService<IOptions<StreamOptions>>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<RedisConnection>>()))
            .AddSingleton(provider => new StreamPartitions(
                provider.GetRequiredService<RedisConnection>(),
                provider.GetRequiredService<IOptions<StreamOptions>>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<IOptions<BodiesOptions>>(),
                provider.GetRequiredService<BodyMetrics>(),
                provider.GetRequiredService<ILogger<BodyStores>>()))
            .AddHostedService<BodyMaintenance>()
            .AddHostedService<ControlWatch>()
            .AddSingleton<StreamGuard>()
            .AddSingleton<StreamPressure>()
            .AddSingleton(provider => new Heartbeats(provider.GetRequiredService<TimeProvider>(), Loops(provider)))
            .AddSingleton<ProcessExit>()
            .AddRedisPipeline();
    }

    private static IServiceCollection AddMailboxes(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<PollingOptions>(configuration, PollingOptions.Section)
        .AddSingleton<Func<MailboxOptions, IMailbox>>(provider =>
        {
            var polling = provider.GetRequiredService<IOptions<PollingOptions>>().Value;
            var idle = provider.GetRequiredService<IdleSessions>();
            var tokens = provider.GetRequiredService<AccessTokens>();
            return mailbox => new ImapMailbox(mailbox, polling.ServerTimeout, polling.MaxMessageBytes, idle, tokens.Of(mailbox));
        })
        .AddSignIn()
        .AddSingleton<Func<MailboxOptions, SessionSource>>(provider =>
        {
            var timeout = provider.GetRequiredService<IOptions<PollingOptions>>().Value.ServerTimeout;
            var idle = provider.GetRequiredService<IdleSessions>();
            var tokens = provider.GetRequiredService<AccessTokens>();
            return mailbox => new SessionSource(mailbox, timeout, idle, tokens.Of(mailbox));
        })
        .AddSingleton<IdleSessions>()
        .AddSingleton<FolderWatch>()
        .AddSingleton<WatchedFolders>()
        .AddSingleton<Func<PolledMailbox, MailboxWatch>>(
            provider => mailbox => ActivatorUtilities.CreateInstance<MailboxWatch>(provider, mailbox))
        .AddSingleton<HintFiles>()
        .AddSingleton<PollReporter>()
        .AddSingleton<PollPreparation>()
        .AddSingleton<PollPlaces>()
        .AddSingleton(provider => new PollBudget(provider.GetRequiredService<IOptions<PollingOptions>>().Value.MaxBytesInFlight))
        .AddSingleton<MailboxAppenders>()
        .AddSingleton<Func<PolledMailbox, MailboxPoller>>(
            provider => mailbox => ActivatorUtilities.CreateInstance<MailboxPoller>(provider, mailbox))
        .AddSingleton<PollRunner>()
        .AddSingleton<PolledMailboxes>()
        .AddSingleton<MailboxPolls>()
        .AddSingleton<PollService>()
        .AddSingleton(provider => new PollTimer(
            provider.GetRequiredService<PollService>(),
            provider.GetRequiredService<IOptions<PollTimerOptions>>(),
            provider.GetRequiredService<IOptions<PollingOptions>>(),
            provider.GetRequiredService<TimeProvider>()))
        .AddHostedService(provider => provider.GetRequiredService<PollService>())
        .AddHostedService<MailboxWatches>()
        .AddHostedService<ControlledMailboxes>();

    private static IServiceCollection AddConsuming(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<ConsumerOptions>(configuration, ConsumerOptions.Section)
        .AddSingleton<IValidateOptions<ConsumerOptions>, ConsumerOptionsRules>()
        .AddSingleton<ConsumerName>()
        .AddSingleton(provider => Circuits.Create(
            provider.GetRequiredService<ProcessorRoutes>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IngestionMetrics>()))
        .AddSingleton<ProcessorGuards>()
        .AddSingleton<ExclusiveRuns>()
        .AddSingleton<AbandonedRuns>()
        .AddSingleton(provider => BodySpool(provider.GetRequiredService<IOptions<ConsumerOptions>>().Value))
        .AddSingleton<BodyLoader>()
        .AddSingleton<DeliveryRunner>()
        .AddSingleton<DeliveryExecutor>()
        .AddSingleton<Memberships>()
        .AddSingleton<PartitionConsumers>()
        .AddSingleton<ConsumerRegistration>()
        .AddSingleton<ReadLoop>()
        .AddSingleton<PartitionServer>()
        .AddHostedService<ConsumerService>()
        // The host waits for the consumer's grace time and the release of its deliveries.
        .AddSingleton<IConfigureOptions<HostOptions>>(provider => new ConfigureOptions<HostOptions>(host => host.ShutdownTimeout =
            provider.GetRequiredService<IOptions<ConsumerOptions>>().Value.ShutdownGrace + TimeSpan.FromSeconds(10)));

    // The loops that never end while the process works. A timer starts the polls.
    private static IEnumerable<string> Loops(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<ConsumerOptions>>().Value.Enabled
            ? provider.GetRequiredService<StreamPartitions>().Served.Select(ReadLoop.NameOf)
            : [];

    private static BodySpool BodySpool(ConsumerOptions options) => new(
        options.SpoolFolder.Length > 0 ? options.SpoolFolder : Path.GetTempPath(), "Consumer:SpoolFolder", options.MaxSpoolBytes);
}
