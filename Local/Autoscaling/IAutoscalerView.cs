namespace EmailIngestion.Local.Autoscaling;

/// <summary>Where people watch: a table that changes, or lines.</summary>
internal interface IAutoscalerView
{
    /// <summary>Runs the loop, which is given what shows a state.</summary>
    Task RunAsync(Func<Action<AutoscalerState>, Task> loop);

    /// <summary>One line, beside the numbers.</summary>
    void Report(string line);
}
