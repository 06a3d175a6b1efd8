using System.Text.Json.Nodes;
using EmailIngestion.Deployment.Tests.Support;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

/// <summary>Applies one overlay after another in one namespace: Kubernetes refuses to change immutable fields.</summary>
public sealed class OverlayChangeTests(Overlays overlays)
{
    [Theory]
    [MemberData(nameof(Overlays.All), MemberType = typeof(Overlays))]
    public async Task An_overlay_can_be_applied_where_another_was(string overlay)
    {
        var mine = Fixed(await overlays.RenderAsync(overlay));
        foreach (var other in Overlays.Names.Where(name => name != overlay))
        {
            var theirs = Fixed(await overlays.RenderAsync(other));
            Assert.All(mine.Keys.Intersect(theirs.Keys), key =>
                Assert.Equal($"{key} of {other}: {theirs[key]}", $"{key} of {other}: {mine[key]}"));
        }
    }

    [Fact]
    public async Task The_claim_of_dev_is_mounted_by_its_consumers_and_is_no_other_overlays()
    {
        var dev = await overlays.RenderAsync("dev");
        var claim = Assert.Single(dev, one => one.Kind == "PersistentVolumeClaim").Name;
        Assert.Contains(claim, dev.Single(one => one.Component == "consumer").Pod["volumes"]!.AsArray()
            .Select(volume => (string?)volume!["persistentVolumeClaim"]?["claimName"]));
        foreach (var other in Overlays.Names.Where(name => name != "dev"))
            Assert.DoesNotContain(await overlays.RenderAsync(other), one => one.Kind == "PersistentVolumeClaim" && one.Name == claim);
    }

    // The immutable fields, and the size of a claim, which may not shrink.
    private static Dictionary<string, string> Fixed(IEnumerable<Manifest> all) => all
        .Select(one => (one.ToString(), Value: one.Kind switch
        {
            "PersistentVolumeClaim" => one.Spec,
            "Deployment" => one.Spec["selector"],
            "StatefulSet" => new JsonArray(
                one.Spec["selector"]?.DeepClone(), one.Spec["serviceName"]?.DeepClone(), one.Spec["volumeClaimTemplates"]?.DeepClone()),
            "Service" => one.Spec["clusterIP"] ?? "",
            _ => null,
        }))
        .Where(one => one.Value is not null)
        .ToDictionary(one => one.Item1, one => one.Value!.ToJsonString());
}
