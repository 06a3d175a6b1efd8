using System.CommandLine;
using static EmailIngestion.Local.Commands.CommandOptions;

namespace EmailIngestion.Local.Commands;

/// <summary>The command <c>autoscale</c> and its flags.</summary>
internal static class AutoscaleCommand
{
    public static Command Create()
    {
        var file = new Option<string>("--scaled-object")
        {
            Description = "The manifest with the ScaledObject; - for standard input.",
            Required = true,
        };
        var name = new Option<string?>("--name") { Description = "The name of the ScaledObject, if the manifest has several." };
        var least = new Option<int?>("--min") { Description = "Replaces the ScaledObject's minReplicaCount: 0 shows the whole range." };
        var sync = new Option<double>("--sync-period")
        {
            Description = "Seconds between the HPA's decisions.",
            DefaultValueFactory = _ => 15,
        };
        var speed = new Option<double>("--speed")
        {
            Description = "How many times faster the time passes, to see the scaling in minutes.",
            DefaultValueFactory = _ => 1,
        };
        var api = ApiOption.Create(CommandLine.DefaultPort);
        least.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() < 0)
                result.AddError("--min must be 0 or more.");
        });
        sync.Validators.Add(result => Positive(result.GetValueOrDefault<double>(), "--sync-period", result.AddError));
        speed.Validators.Add(result => Positive(result.GetValueOrDefault<double>(), "--speed", result.AddError));
        var autoscale = new Command("autoscale", "Starts and stops consumers on this machine as KEDA and the HPA would for a ScaledObject.")
        {
            file, name, least, sync, speed, api, BatchSize, BlockTimeout, Concurrency, Slow,
        };
        autoscale.SetAction((parse, token) => Autoscale.RunAsync(
            Read(parse),
            new AutoscaleOptions(
                parse.GetValue(file)!,
                parse.GetValue(name),
                parse.GetValue(least),
                TimeSpan.FromSeconds(parse.GetValue(sync)),
                parse.GetValue(speed),
                new Uri(parse.GetValue(api)!),
                ConsumerArguments(parse)),
            token));
        return autoscale;
    }

    // Only the flags that were given: a consumer reads settings and environment itself.
    private static List<string> ConsumerArguments(ParseResult parse)
    {
        var arguments = new List<string>();
        foreach (var option in new Option[] { Settings, Data, BatchSize, BlockTimeout, Concurrency, Slow })
        {
            if (parse.GetResult(option) is { Implicit: false, Tokens: [var value, ..] })
                arguments.AddRange([option.Name, value.Value]);
        }

        return arguments;
    }

    private static void Positive(double number, string name, Action<string> error)
    {
        if (number is not (> 0 and <= 100_000))
            error($"{name} must be a number above 0.");
    }
}
