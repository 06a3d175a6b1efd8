namespace EmailIngestion.Hostile;

/// <summary>One part of the attack: a set of scenarios of one kind.</summary>
internal interface IPart
{
    /// <summary>The name for <c>--part</c>.</summary>
    string Name { get; }

    /// <summary>Runs the scenarios one after another. A broken bound is a result, not an exception.</summary>
    IAsyncEnumerable<ScenarioResult> RunAsync(HostileOptions options, CancellationToken cancellationToken);
}
