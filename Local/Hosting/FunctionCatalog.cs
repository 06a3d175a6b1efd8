using System.Reflection;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;

namespace EmailIngestion.Local.Hosting;

/// <summary>Finds the functions of an assembly and refuses what a real host would refuse to load.</summary>
internal static class FunctionCatalog
{
    // The real host keeps these for itself.
    private static readonly string[] ReservedRoutes = ["admin", "runtime"];

    public static IReadOnlyList<FunctionDescriptor> Find(Assembly assembly) =>
        Check([.. assembly.GetTypes().SelectMany(type => type.GetMethods()).Select(Describe).OfType<FunctionDescriptor>()]);

    /// <exception cref="InvalidOperationException">A function could not be loaded by a real host; the message says which and why.</exception>
    internal static IReadOnlyList<FunctionDescriptor> Check(IReadOnlyList<FunctionDescriptor> functions)
    {
        foreach (var function in functions)
        {
            var first = (function.Http?.Route ?? function.Name).Split('/')[0];
            if (function.Http is not null && ReservedRoutes.Contains(first, StringComparer.OrdinalIgnoreCase))
                throw new InvalidOperationException($"Function {function.Name}: its route begins with '{first}', which the host keeps for itself.");
            if (function.Http is null == function.Timer is null)
                throw new InvalidOperationException($"Function {function.Name} has {(function.Http is null ? "no trigger" : "two triggers")}.");
        }

        if (functions.GroupBy(function => function.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new InvalidOperationException($"Two functions are named {twice.Key}.");
        var routes = functions.Where(function => function.Http is not null)
            .SelectMany(function => (function.Http!.Methods ?? []).Select(method => $"{method.ToUpperInvariant()} {Shape(function)}"));
        if (routes.GroupBy(route => route, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } same)
            throw new InvalidOperationException($"Two functions answer {same.Key}.");
        return functions;
    }

    private static FunctionDescriptor? Describe(MethodInfo method)
    {
        if (method.GetCustomAttribute<FunctionAttribute>() is not { } function)
            return null;
        var parameters = method.GetParameters();
        return new FunctionDescriptor(
            function.Name,
            method,
            parameters.Select(parameter => parameter.GetCustomAttribute<HttpTriggerAttribute>()).FirstOrDefault(trigger => trigger is not null),
            parameters.Select(parameter => parameter.GetCustomAttribute<TimerTriggerAttribute>()).FirstOrDefault(trigger => trigger is not null));
    }

    // Routes that differ only in the names of their parameters are the same.
    private static string Shape(FunctionDescriptor function) =>
        string.Join('/', RoutePatternFactory.Parse(function.Http!.Route ?? function.Name).PathSegments
            .Select(segment => segment.IsSimple && segment.Parts[0] is RoutePatternLiteralPart literal ? literal.Content : "{}"));
}
