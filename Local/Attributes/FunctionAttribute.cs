namespace Microsoft.Azure.Functions.Worker;

/// <summary>The shape of the worker package's attribute, as far as the triggers use it. See docs/design.md, The two hosts.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FunctionAttribute(string name) : Attribute
{
    public string Name => name;
}
