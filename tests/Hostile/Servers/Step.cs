namespace EmailIngestion.Hostile.Servers;

/// <summary>What a mail server is at.</summary>
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
