using System.Runtime.InteropServices;
using EmailIngestion.Configuration;
using EmailIngestion.Consuming;
using EmailIngestion.Local.Autoscaling;
using EmailIngestion.Local.Commands.Operating;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Streams;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Spectre.Console;

namespace EmailIngestion.Local.Commands;

/// <summary>
/// Scales consumer processes on this machine as a cluster would: by the decisions of KEDA and the HPA for a ScaledObject.
/// </summary>
internal static class Autoscale
{
    // Covers the stop of the host after its consumer's grace period, and a start that is interrupted.
    private static readonly TimeSpan AfterGrace = TimeSpan.FromSeconds(15);

    public static async Task<int> RunAsync(CommandSettings command, AutoscaleOptions options, CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        var yaml = await ReadAsync(options.File, cancellationToken);
        var scaledObject = ScaledObjectReader.Read(yaml, options.File, options.Name).Faster(options.Speed);
        scaledObject = scaledObject with
        {
            MinReplicas = Math.Min(options.MinReplicas ?? scaledObject.MinReplicas, scaledObject.MaxReplicas),
        };
        command.CheckPlaces(port: null, startsRedis: !command.Settings.HasRedis);
        var redis = command.Settings.HasRedis
            ? null
            : await new OwnRedis(command.DataFolder, time).StartAsync(command.Settings, cancellationToken);
        await using (redis)
        {
            var configuration = new ConfigurationBuilder().AddInMemoryCollection(command.Settings.Values).Build();
            await using var connection = StreamConnection.Create(Options.Create(Streams(configuration)));
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            using var interrupt = StopOn(PosixSignal.SIGINT, stop);
            using var terminate = StopOn(PosixSignal.SIGTERM, stop);

            var view = View(scaledObject, options);
            foreach (var note in scaledObject.Notes)
                view.Report(note);
            var consumer = new ConsumerCommand(options.ConsumerArguments, time);
            var fleet = new ConsumerFleet(consumer.Start, Grace(configuration), view.Report, time);
            await using (fleet)
            {
                using var client = Client(options.Api);
                var redisTriggers = new RedisTriggers(connection);
                var apiTriggers = Api(client, command.DataFolder, options.Api, Environment.GetEnvironmentVariable, time);
                var autoscaler = new Autoscaler(
                    scaledObject,
                    (trigger, token) => trigger.Api is null
                        ? redisTriggers.ReadAsync(trigger, token) : apiTriggers.ReadAsync(trigger, token),
                    time);
                var loop = new AutoscalerLoop(autoscaler, fleet, scaledObject.PollingInterval, options.SyncPeriod / options.Speed, time);
                await view.RunAsync(show => loop.RunAsync(show, stop.Token));
                Console.WriteLine($"Stopping {fleet.Running + fleet.Stopping} consumers: each finishes its deliveries.");
            }

            Console.WriteLine("Stopped.");
        }

        return 0;
    }

    private static async Task<string> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return file == "-" ? await Console.In.ReadToEndAsync(cancellationToken) : await File.ReadAllTextAsync(file, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"--scaled-object: {e.Message}");
        }
    }

    /// <summary>Makes the client of the triggers, which sends a key.</summary>
    internal static HttpClient Client(Uri server) =>
        new(OperatingHttp.Handler(server)) { MaxResponseContentBufferSize = ApiTriggers.LargestAnswer };

    /// <summary>Reads the triggers with the key of the operating commands: the process that has it may start later.</summary>
    internal static ApiTriggers Api(
        HttpClient client, string dataFolder, Uri server, Func<string, string?> environment, TimeProvider time)
    {
        return new(client, server, Find, time);

        string? Find()
        {
            try
            {
                return OperatingTarget.FindKey(server, dataFolder, environment);
            }
            catch (OperatingException e)
            {
                throw new SettingsException(e.Message);
            }
        }
    }

    private static IAutoscalerView View(ScaledObject scaledObject, AutoscaleOptions options)
    {
        if (Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Ansi)
            return new LineView(Console.Out);
        return new TableView(
            AnsiConsole.Console, $"{scaledObject.Name} ({options.File}): {scaledObject.MinReplicas} to {scaledObject.MaxReplicas}");
    }

    private static StreamOptions Streams(IConfiguration configuration)
    {
        var streams = new StreamOptions();
        StrictBinder.Bind(configuration.GetSection(StreamOptions.Section), streams);
        GuideSettings.Apply(configuration, streams);
        return streams;
    }

    private static TimeSpan Grace(IConfiguration configuration)
    {
        var consumer = new ConsumerOptions();
        StrictBinder.Bind(configuration.GetSection(ConsumerOptions.Section), consumer);
        return consumer.ShutdownGrace + AfterGrace;
    }

    // The first signal stops. A second one ends this process at once, and the guards of its consumers end them.
    private static PosixSignalRegistration StopOn(PosixSignal signal, CancellationTokenSource stop) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        });
}

/// <param name="File">The manifest; - for standard input.</param>
/// <param name="Name">The name of the ScaledObject, if the manifest has several.</param>
/// <param name="MinReplicas">Replaces the ScaledObject's minReplicaCount; null keeps it.</param>
/// <param name="SyncPeriod">The time between the HPA's decisions, which is a setting of the cluster.</param>
/// <param name="Speed">How many times faster the time passes. Default 1.</param>
/// <param name="Api">The server that metrics-api triggers are read from, instead of the manifest's.</param>
/// <param name="ConsumerArguments">The arguments of each consumer.</param>
internal sealed record AutoscaleOptions(
    string File, string? Name, int? MinReplicas, TimeSpan SyncPeriod, double Speed, Uri Api, IReadOnlyList<string> ConsumerArguments);
