using ArchUnitNET.Domain;
using ArchUnitNET.Domain.Dependencies;
using ArchUnitNET.Loader;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Core.Tests.Architecture;

/// <summary>Each folder of Core depends only on the folders below it, so there are no cycles.</summary>
public sealed class RoomsTests
{
    private const string Root = "EmailIngestion.";

    private static readonly Dictionary<string, string[]> Below = new(StringComparer.Ordinal)
    {
        ["Messages"] = [],
        ["Telemetry"] = [],
        ["Health"] = [],
        ["Configuration"] = ["Messages"],
        ["Redis"] = ["Configuration", "Messages"],
        ["Storage"] = ["Configuration", "Messages"],
        ["Bodies"] = ["Configuration", "Messages", "Redis", "Storage", "Telemetry"],
        ["Processing"] = ["Configuration", "Messages", "Storage"],
        ["Streams"] = ["Bodies", "Configuration", "Messages", "Redis", "Telemetry"],
        ["Mailboxes"] = ["Bodies", "Configuration", "Health", "Messages", "Redis", "Streams", "Telemetry"],
        ["Consuming"] = ["Bodies", "Configuration", "Health", "Messages", "Processing", "Redis", "Streams", "Telemetry"],
        ["Operations"] = [
            "Bodies", "Configuration", "Consuming", "Health", "Mailboxes", "Messages", "Redis", "Streams", "Telemetry"],
        ["Hosting"] = [
            "Bodies", "Configuration", "Consuming", "Health", "Mailboxes", "Messages", "Operations", "Processing", "Redis", "Storage",
            "Streams", "Telemetry"],
    };

    private static readonly ArchUnitNET.Domain.Architecture Core = new ArchLoader().LoadAssemblies(typeof(StreamOptions).Assembly).Build();

    public static TheoryData<string> Rooms => [.. Below.Keys];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void ARoomDependsOnTheRoomsBelowItOnly(string room)
    {
        var beyond = Types()
            .Where(type => RoomOf(type) == room)
            .SelectMany(type => type.Dependencies.Where(IsToType), (type, dependency) =>
                (type.Name, Room: RoomOf(dependency.Target), Target: dependency.Target.Name))
            .Where(dependency => dependency.Room is { } other && other != room && !Below[room].Contains(other))
            .Select(dependency => $"{dependency.Name} uses {dependency.Room}.{dependency.Target}")
            .Distinct();

        Assert.Empty(beyond);
    }

    [Fact]
    public void EveryTypeIsInARoom() =>
        Assert.Empty(Types().Where(type => RoomOf(type) is not { } room || !Below.ContainsKey(room)).Select(type => type.FullName));

    [Fact]
    public void EveryRoomHasTypes() => Assert.Equal(Below.Keys.Order(), Types().Select(RoomOf).Distinct().Order());

    // A type parameter of a generated JSON context is counted to the room of the first context.
    private static bool IsToType(ITypeDependency dependency) => dependency.Target is not GenericParameter;

    // Generated code has namespaces of its own.
    private static IEnumerable<IType> Types() => Core.Types.Where(type => type.FullName.StartsWith(Root, StringComparison.Ordinal));

    private static string? RoomOf(IType type) =>
        type.Namespace?.FullName is { } name && name.StartsWith(Root, StringComparison.Ordinal) ? name[Root.Length..].Split('.')[0] : null;
}
