namespace Microsoft.Azure.Functions.Worker;

/// <summary>The shape of the worker package's attribute, as far as the triggers use it.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class HttpTriggerAttribute(AuthorizationLevel authLevel, params string[] methods) : Attribute
{
    public AuthorizationLevel AuthLevel => authLevel;

    public string[]? Methods => methods;

    public string? Route { get; set; }
}
