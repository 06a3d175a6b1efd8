using System.Reflection;
using EmailIngestion.Streams;
using Microsoft.Extensions.Logging;
using Xunit;

namespace EmailIngestion.Core.Tests.Architecture;

/// <summary>People filter the log by event ids.</summary>
public sealed class LogEventsTests
{
    [Fact]
    public void EachLogEventHasAnIdOfItsOwn()
    {
        var events = typeof(StreamOptions).Assembly.GetTypes()
            .SelectMany(
                type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(method => (method, id: method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId))
            .Where(item => item.id is not null)
            .ToArray();

        Assert.True(events.Length > 50);
        Assert.Empty(events.GroupBy(item => item.id).Where(group => group.Count() > 1)
            .Select(group => $"{group.Key}: {string.Join(", ", group.Select(item => $"{item.method.DeclaringType}.{item.method.Name}"))}"));
    }
}
