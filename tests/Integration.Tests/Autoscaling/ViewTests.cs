using EmailIngestion.Local.Autoscaling;
using Spectre.Console;
using Xunit;

namespace EmailIngestion.Integration.Tests.Autoscaling;

public sealed class ViewTests
{
    private static readonly Trigger Pending =
        new() { Name = "pending", Kind = TriggerKind.Pending, Stream = "s", Group = "g", Target = 100 };

    private static readonly AutoscalerState State = new(
        Hpa.Start,
        [
            new TriggerState(Pending, TriggerReading.Of(120), true, 2),
            new TriggerState(Pending with { Name = "lag", Kind = TriggerKind.Lag }, TriggerReading.Failed("away"), false, null),
        ],
        3,
        2,
        1,
        "stabilised");

    [Fact]
    public async Task A_line_shows_values_targets_and_the_result_and_is_not_repeated()
    {
        var output = new StringWriter();
        await new LineView(output).RunAsync(show =>
        {
            show(State);
            show(State with { At = State.At.AddSeconds(5) });
            return Task.CompletedTask;
        });
        Assert.Equal(
            "pending 120/100 → 2  lag error/100  wanted 3  running 2 (+1 stopping)  stabilised",
            output.ToString().TrimEnd()["00:00:00  ".Length..]);
    }

    [Fact]
    public async Task The_table_shows_the_same()
    {
        var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 100;
        var view = new TableView(console, "consumer [x]");
        view.Report("a line");
        await view.RunAsync(show =>
        {
            show(State);
            return Task.CompletedTask;
        });
        var text = output.ToString();
        Assert.All(["consumer [x]", "pending of g", "120", "lag: away", "a line", "finishing", "stabilised"], part =>
            Assert.Contains(part, text, StringComparison.Ordinal));
    }
}
