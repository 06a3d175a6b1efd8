using System.Collections.Concurrent;
using EmailIngestion.Deployment.Tests.Support;
using Xunit;

[assembly: AssemblyFixture(typeof(Overlays))]

namespace EmailIngestion.Deployment.Tests.Support;

/// <summary>The rendered kustomize overlays, each rendered once in a run.</summary>
public sealed class Overlays
{
    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> _rendered = new(StringComparer.Ordinal);

    public static IReadOnlyList<string> Names { get; } =
        [.. Directory.GetDirectories(Repository.File("keda", "overlays")).Select(Path.GetFileName).OfType<string>()
            .Order(StringComparer.Ordinal)];

    public static TheoryData<string> All => [.. Names];

    internal async Task<IReadOnlyList<Manifest>> RenderAsync(string overlay) => await RenderFolderAsync(Path.Combine("overlays", overlay));

    internal async Task<IReadOnlyList<Manifest>> RenderFolderAsync(string folder) =>
        [.. Yaml.Parse(await TextAsync(folder)).Select(json => new Manifest(json))];

    private Task<string> TextAsync(string folder)
    {
        var program = Tool.Require("kubectl", "kustomize");
        string[] arguments = [Path.GetFileName(program) == "kubectl" ? "kustomize" : "build", Repository.File("keda", folder)];
        return _rendered.GetOrAdd(
            folder, _ => new Lazy<Task<string>>(() => Tool.RunAsync(program, arguments, CancellationToken.None))).Value;
    }
}
