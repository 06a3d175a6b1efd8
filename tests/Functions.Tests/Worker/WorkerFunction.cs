using System.Text.Json;
using EmailIngestion.Functions.Tests.Worker.Messages;

namespace EmailIngestion.Functions.Tests.Worker;

/// <summary>One function as the worker describes it.</summary>
internal sealed class WorkerFunction
{
    private readonly string[] _methods = [];
    private readonly string[]? _route;

    public WorkerFunction(RpcFunctionMetadata metadata)
    {
        Id = metadata.FunctionId;
        Name = metadata.Name;
        var trigger = metadata.RawBindings.Select(binding => JsonDocument.Parse(binding).RootElement)
            .First(binding => Type(binding).EndsWith("Trigger", StringComparison.OrdinalIgnoreCase));
        TriggerName = trigger.GetProperty("name").GetString()!;
        if (!Type(trigger).Equals("httpTrigger", StringComparison.OrdinalIgnoreCase))
            return;
        _methods = [.. trigger.GetProperty("methods").EnumerateArray().Select(method => method.GetString()!)];
        _route = trigger.GetProperty("route").GetString()!.Split('/');
    }

    /// <summary>How many parts of its route take any value. The real host prefers the route with fewest.</summary>
    public int Wildcards => _route?.Count(part => part.StartsWith('{')) ?? 0;

    public string Id { get; }

    public string Name { get; }

    /// <summary>The name of the parameter with the trigger.</summary>
    public string TriggerName { get; }

    /// <summary>The values of the route if the request is for this function; otherwise null.</summary>
    public Dictionary<string, string>? Match(HttpMethod method, string path)
    {
        var parts = path.Split('?')[0].Split('/');
        if (_route is null || parts.Length != _route.Length || !_methods.Contains(method.Method, StringComparer.OrdinalIgnoreCase))
            return null;
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (part, segment) in parts.Zip(_route))
        {
            if (segment.StartsWith('{'))
                values[segment.Trim('{', '}')] = Uri.UnescapeDataString(part);
            else if (part != segment)
                return null;
        }

        return values;
    }

    private static string Type(JsonElement binding) => binding.GetProperty("type").GetString()!;
}
