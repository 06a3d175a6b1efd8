using System.Reflection;
using System.Runtime.CompilerServices;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Core.Tests.Architecture;

/// <summary>A class with many collaborators does several things. Records and other values may have as many fields as they need.</summary>
public sealed class CollaboratorsTests
{
    private const int Most = 7;

    [Fact]
    public void No_class_has_more_than_seven_collaborators()
    {
        var services = typeof(StreamOptions).Assembly.GetTypes()
            .Where(type => type.IsClass && !IsRecord(type) && !type.IsDefined(typeof(CompilerGeneratedAttribute)))
            .ToList();
        var tooMany = services
            .SelectMany(type => type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(constructor => constructor.GetParameters().Length > Most)
            .Select(constructor => constructor.DeclaringType!.FullName);

        Assert.True(services.Count > 100);
        Assert.Empty(tooMany);
    }

    private static bool IsRecord(Type type) => type.GetMethod("<Clone>$") is not null;
}
