namespace EmailIngestion.Streams;

/// <summary>How this process signs in to Redis.</summary>
public enum RedisAuthentication
{
    /// <summary>By the user and the password of the connection string.</summary>
    Password,

    /// <summary>
    /// By tokens of Microsoft Entra ID, which Azure.Identity gets: by a workload identity, a managed identity, the variables
    /// <c>AZURE_*</c> or a developer's own sign-in. They are renewed before they run out.
    /// </summary>
    Entra,
}
