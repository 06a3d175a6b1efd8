using System.Runtime.InteropServices;
using EmailIngestion.Configuration;
using EmailIngestion.Consuming;
using EmailIngestion.Local.Autoscaling;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Streams;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Spectre.Console;

namespace EmailIngestion.Local.Commands;

/// <summary>The scaling of a cluster on this machine: KEDA's and the HPA's decisions by the very ScaledObject, and real consumer processes.</summary>
internal static class Autoscale
{
    // What a host needs after its consumer's grace time, and the start of one that is told to end while it starts.
    private static readonly TimeSpan AfterGrace = TimeSpan.FromSeconds(15);

    public static async Task<int> RunAsync(CommandSettings command, AutoscaleOptions options, CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        var scaledObject = ScaledObjectReader.Read(await ReadAsync(options.File, cancellationToken), options.File, options.Name).Faster(options.Speed);
        scaledObject = scaledObject with { MinReplicas = Math.Min(options.MinReplicas ?? scaledObject.MinReplicas, scaledObject.MaxReplicas) };
        command.CheckPlaces(port: null, startsRedis: !command.Settings.HasRedis);
        var redis = command.Settings.HasRedis ? null : await new OwnRedis(command.DataFolder, time).StartAsync(command.Settings, cancellationToken);
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
                var autoscaler = new Autoscaler(scaledObject, new RedisTriggers(connection).ReadAsync, time);
                var loop = new AutoscalerLoop(autoscaler, fleet, scaledObject.PollingInterval, options.SyncPeriod / options.Speed, time);
                await view.RunAsync(show => loop.RunAsync(show, stop.Token));
                Console.WriteLine($"Stopping {fleet.Running + fleet.Stopping} consumers: each finishes what it has.");
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

    private static IAutoscalerView View(ScaledObject scaledObject, AutoscaleOptions options) =>
        Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Ansi
            ? new LineView(Console.Out)
            : new TableView(AnsiConsole.Console, $"{scaledObject.Name} ({options.File}): {scaledObject.MinReplicas} to {scaledObject.MaxReplicas}");

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

    // The first one stops; a second one ends this process at once, and its consumers are told to end by their guards.
    private static PosixSignalRegistration StopOn(PosixSignal signal, CancellationTokenSource stop) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = !stop.IsCancellationRequested;
        stop.Cancel();
    });
}

/// <param name="File">The manifest; - for the standard input.</param>
/// <param name="Name">Which ScaledObject of it, when there are several.</param>
/// <param name="MinReplicas">Instead of the ScaledObject's; null: the ScaledObject's.</param>
/// <param name="SyncPeriod">How often the HPA decides; not the ScaledObject's, but the cluster's.</param>
/// <param name="Speed">How many times faster everything goes.</param>
/// <param name="ConsumerArguments">What each consumer is started with.</param>
internal sealed record AutoscaleOptions(
    string File, string? Name, int? MinReplicas, TimeSpan SyncPeriod, double Speed, IReadOnlyList<string> ConsumerArguments);
