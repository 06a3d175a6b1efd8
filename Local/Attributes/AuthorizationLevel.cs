namespace Microsoft.Azure.Functions.Worker;

/// <summary>The shape of the worker package's type; its numbers too.</summary>
public enum AuthorizationLevel
{
    Anonymous = 0,
    User = 1,
    Function = 2,
    System = 3,
    Admin = 4,
}
