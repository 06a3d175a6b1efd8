namespace EmailIngestion.Hostile.Servers;

/// <summary>The step of a session with a mail server.</summary>
internal enum Step
{
    Greeting,
    Capability,
    StartTls,
    Login,
    Id,
    Namespace,
    List,
    Examine,
    Search,
    Envelopes,
    Bodies,
    Header,
    Other,
}
