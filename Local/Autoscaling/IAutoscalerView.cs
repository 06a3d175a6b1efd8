namespace EmailIngestion.Local.Autoscaling;

/// <summary>Shows the autoscaler: as a live table, or as lines.</summary>
internal interface IAutoscalerView
{
    /// <summary>Runs the loop, and passes it the function that shows a state.</summary>
    Task RunAsync(Func<Action<AutoscalerState>, Task> loop);

    /// <summary>Shows one line beside the numbers.</summary>
    void Report(string line);
}
