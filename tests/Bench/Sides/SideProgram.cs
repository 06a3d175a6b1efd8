using System.Globalization;
using System.Text.Json;

namespace EmailIngestion.Bench.Sides;

/// <summary>
/// Runs a side by name. Each side writes one line of JSON at its end. Some write "ready" first and continue when their input ends.
/// </summary>
internal static class SideProgram
{
    public const string Command = "side";
    public const string Ready = "ready";

    public static async Task<int> RunAsync(string name, string[] args)
    {
        var numbers = args.Select(text => int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0).ToArray();
        var result = name switch
        {
            AppendSide.Name => await AppendSide.RunAsync(numbers[0], numbers[1], numbers[2], RedisTls.Of(args[3..])),
            RawAppendSide.Name => await RawAppendSide.RunAsync(numbers[0], numbers[1], numbers[2], RedisTls.Of(args[3..])),
            PollSide.Name => await PollSide.RunAsync(numbers[0], ImapAddress.Of(args.AsSpan(3)), numbers[1], numbers[2]),
            RawImapSide.Name => await RawImapSide.RunAsync(ImapAddress.Of(args.AsSpan(1)), numbers[0]),
            ConsumeSide.Name => await ConsumeSide.RunAsync(new ConsumeArguments(numbers)),
            BareConsumeSide.Name => await BareConsumeSide.RunAsync(numbers[0], numbers[1], numbers[2]),
            ProcessSide.Name =>
                await ProcessSide.RunAsync(numbers[0], numbers[1], numbers[2], (BenchProcessor)numbers[3], numbers[4], args[6]),
            BareProcessSide.Name =>
                await BareProcessSide.RunAsync(
                    numbers[0], numbers[1], numbers[2], (BenchProcessor)numbers[3], numbers[4], numbers[5], args[6]),
            ReceiverSide.Name => await ReceiverSide.RunAsync(numbers[0]),
            LatencySide.Name => await LatencySide.RunAsync(numbers[0], numbers[1], numbers[2] == 1),
            LatencyAppendSide.Name => await LatencyAppendSide.RunAsync(numbers[0], numbers[1], numbers[2], numbers[3]),
            WatchSide.Name => await WatchSide.RunAsync(numbers[0], numbers[1]),
            MailboxesSide.Name => await MailboxesSide.RunAsync(numbers[0], numbers[1], numbers[2], numbers[3] == 1),
            GrowthSide.Name =>
                await GrowthSide.RunAsync(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5] == 1),
            PollManySide.Name => await PollManySide.RunAsync(numbers[0], numbers[1], numbers[2], numbers[3]),
            MemorySide.Name => await MemorySide.RunAsync(numbers[0], numbers[1], numbers[2]),
            _ => throw new ArgumentException($"There is no side '{name}'.", nameof(name)),
        };
        Console.WriteLine(JsonSerializer.Serialize(result));
        return 0;
    }
}
