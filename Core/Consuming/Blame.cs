namespace EmailIngestion.Consuming;

/// <summary>Says what caused a transient failure.</summary>
internal enum Blame
{
    /// <summary>The email. The delivery counts.</summary>
    Email,

    /// <summary>The dependency. The delivery does not count for a day.</summary>
    Dependency,

    /// <summary>The dependency, while the circuit is open. The delivery does not count.</summary>
    OpenCircuit,
}
