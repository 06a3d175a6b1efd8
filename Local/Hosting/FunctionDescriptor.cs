using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Local.Hosting;

/// <summary>One function: its method and its trigger.</summary>
internal sealed record FunctionDescriptor(string Name, MethodInfo Method, HttpTriggerAttribute? Http, TimerTriggerAttribute? Timer)
{
    /// <summary>Calls the function on a new instance, as the worker does. Returns the answer of an HTTP function.</summary>
    public async Task<IResult?> InvokeAsync(
        IServiceProvider services, HttpRequest? request, TimerInfo? timer, CancellationToken cancellationToken)
    {
        var instance = ActivatorUtilities.CreateInstance(services, Method.DeclaringType!);
        var arguments = Method.GetParameters().Select(parameter => Argument(parameter, request, timer, cancellationToken)).ToArray();
        var returned = Method.Invoke(instance, BindingFlags.DoNotWrapExceptions, null, arguments, null);
        if (returned is not Task task)
            return returned as IResult;
        await task;
        return task is Task<IResult> answer ? answer.Result : null;
    }

    private static object? Argument(ParameterInfo parameter, HttpRequest? request, TimerInfo? timer, CancellationToken cancellationToken)
    {
        if (parameter.ParameterType == typeof(HttpRequest))
            return request;
        if (parameter.ParameterType == typeof(TimerInfo))
            return timer;
        if (parameter.ParameterType == typeof(CancellationToken))
            return cancellationToken;
        if (parameter.ParameterType == typeof(string))
            return request?.RouteValues[parameter.Name!]?.ToString();
        throw new InvalidOperationException(
            $"Parameter {parameter.Name} of {parameter.Member.Name} has type {parameter.ParameterType}, which no trigger binds here.");
    }
}
