namespace EmailIngestion.Consuming;

/// <summary>Whose failure a transient failure is taken for.</summary>
internal enum Blame
{
    /// <summary>The email's own: it counts as a delivery.</summary>
    Email,

    /// <summary>The dependency's: it is not counted for a day.</summary>
    Dependency,

    /// <summary>The dependency's, while the circuit is open: it is not counted.</summary>
    OpenCircuit,
}
