using System.Reflection;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;

namespace EmailIngestion.Local.Hosting;

/// <summary>Finds the functions of an assembly, and refuses those that a Functions host would not load.</summary>
internal static class FunctionCatalog
{
    // The Functions host reserves these.
    private static readonly string[] ReservedRoutes = ["admin", "runtime"];

    private const string AnyMethod = "*";

    public static IReadOnlyList<FunctionDescriptor> Find(Assembly assembly) =>
        Check([.. assembly.GetTypes().SelectMany(type => type.GetMethods()).Select(Describe).OfType<FunctionDescriptor>()]);

    /// <exception cref="InvalidOperationException">A Functions host would not load one; the message says which and why.</exception>
    internal static IReadOnlyList<FunctionDescriptor> Check(IReadOnlyList<FunctionDescriptor> functions)
    {
        foreach (var function in functions)
        {
            // The host compares prefixes: it refuses `administration` too.
            if (function.Http is not null && ReservedRoutes.FirstOrDefault(route => StartsWith(function, route)) is { } reserved)
            {
                throw new InvalidOperationException(
                    $"Function {function.Name}: its route '{function.Http.Route ?? function.Name}' begins with '{reserved}', "
                    + "which the host reserves.");
            }

            if (function.Http is null == function.Timer is null)
            {
                throw new InvalidOperationException(
                    $"Function {function.Name} has {(function.Http is null ? "no trigger" : "two triggers")}.");
            }
        }

        var names = functions.GroupBy(function => function.Name, StringComparer.OrdinalIgnoreCase);
        if (names.FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new InvalidOperationException($"Two functions are named {twice.Key}.");
        foreach (var same in functions.Where(function => function.Http is not null).GroupBy(Shape, StringComparer.OrdinalIgnoreCase))
        {
            // A function without methods answers every method.
            var methods = same.SelectMany(function => function.Http!.Methods is { Length: > 0 } some ? some : [AnyMethod]).ToArray();
            if (methods.Distinct(StringComparer.OrdinalIgnoreCase).Count() < methods.Length
                || (methods.Length > 1 && methods.Contains(AnyMethod)))
            {
                throw new InvalidOperationException(
                    $"Functions {string.Join(" and ", same.Select(function => function.Name))} answer the same requests to '{same.Key}'.");
            }
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
            Trigger<HttpTriggerAttribute>(parameters),
            Trigger<TimerTriggerAttribute>(parameters));
    }

    private static T? Trigger<T>(ParameterInfo[] parameters)
        where T : Attribute =>
        parameters.Select(parameter => parameter.GetCustomAttribute<T>()).FirstOrDefault(trigger => trigger is not null);

    private static bool StartsWith(FunctionDescriptor function, string route) =>
        Route(function).StartsWith(route, StringComparison.OrdinalIgnoreCase);

    private static string Route(FunctionDescriptor function) => (function.Http!.Route ?? function.Name).Trim('/');

    // Routes that differ only in parameter names are the same.
    private static string Shape(FunctionDescriptor function) =>
        string.Join('/', RoutePatternFactory.Parse(Route(function)).PathSegments
            .Select(segment => segment.IsSimple && segment.Parts[0] is RoutePatternLiteralPart literal ? literal.Content : "{}"));
}
