using Polly.CircuitBreaker;

namespace EmailIngestion.Consuming;

/// <summary>How many emails this process may read now.</summary>
/// <param name="Count">The most emails. 0: none before the wait is over.</param>
/// <param name="Wait">The wait until the next question.</param>
/// <param name="Circuit">The state of the circuit.</param>
internal readonly record struct ReadAllowance(int Count, TimeSpan Wait, CircuitState Circuit)
{
    /// <summary>Whether the emails test the processor's dependency.</summary>
    public bool IsTesting => Circuit != CircuitState.Closed;

    /// <summary>Whether the next email is the first that tests the dependency after the circuit has opened.</summary>
    public bool IsTrial => Circuit is CircuitState.Open or CircuitState.Isolated;
}
