using System.Reflection;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;

namespace EmailIngestion.Local.Hosting;

/// <summary>Finds the functions of an assembly and refuses what a real host would refuse to load.</summary>
internal static class FunctionCatalog
{
    // The real host keeps these for itself.
    private static readonly string[] ReservedRoutes = ["admin", "runtime"];

    private const string AnyMethod = "*";

    public static IReadOnlyList<FunctionDescriptor> Find(Assembly assembly) =>
        Check([.. assembly.GetTypes().SelectMany(type => type.GetMethods()).Select(Describe).OfType<FunctionDescriptor>()]);

    /// <exception cref="InvalidOperationException">A function could not be loaded by a real host; the message says which and why.</exception>
    internal static IReadOnlyList<FunctionDescriptor> Check(IReadOnlyList<FunctionDescriptor> functions)
    {
        foreach (var function in functions)
        {
            // Not only that segment: the host refuses `administration` as well.
            if (function.Http is not null
                && ReservedRoutes.FirstOrDefault(route => Route(function).StartsWith(route, StringComparison.OrdinalIgnoreCase)) is { } reserved)
                throw new InvalidOperationException(
                    $"Function {function.Name}: its route '{function.Http.Route ?? function.Name}' begins with '{reserved}', which the host keeps for itself.");
            if (function.Http is null == function.Timer is null)
                throw new InvalidOperationException($"Function {function.Name} has {(function.Http is null ? "no trigger" : "two triggers")}.");
        }

        if (functions.GroupBy(function => function.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new InvalidOperationException($"Two functions are named {twice.Key}.");
        foreach (var same in functions.Where(function => function.Http is not null).GroupBy(Shape, StringComparer.OrdinalIgnoreCase))
        {
            // A function without methods answers all of them.
            var methods = same.SelectMany(function => function.Http!.Methods is { Length: > 0 } some ? some : [AnyMethod]).ToArray();
            if (methods.Distinct(StringComparer.OrdinalIgnoreCase).Count() < methods.Length || (methods.Length > 1 && methods.Contains(AnyMethod)))
                throw new InvalidOperationException(
                    $"Functions {string.Join(" and ", same.Select(function => function.Name))} answer the same requests to '{same.Key}'.");
        }

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

    private static string Route(FunctionDescriptor function) => (function.Http!.Route ?? function.Name).Trim('/');

    // Routes that differ only in the names of their parameters are the same.
    private static string Shape(FunctionDescriptor function) =>
        string.Join('/', RoutePatternFactory.Parse(Route(function)).PathSegments
            .Select(segment => segment.IsSimple && segment.Parts[0] is RoutePatternLiteralPart literal ? literal.Content : "{}"));
}
