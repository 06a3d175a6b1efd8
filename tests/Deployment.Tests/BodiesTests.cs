using EmailIngestion.Deployment.Tests.Support;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

/// <summary>Every role reaches the bodies of large emails, in the same place.</summary>
public sealed class BodiesTests(Overlays overlays)
{
    [Theory]
    [MemberData(nameof(Overlays.All), MemberType = typeof(Overlays))]
    public async Task All_roles_have_the_same_store_of_bodies(string overlay)
    {
        var all = await overlays.RenderAsync(overlay);
        var settings = ManifestTests.Roles(all)
            .Select(role => string.Join(' ', PodSettings.Of(role, all)
                .Where(setting => setting.Key.StartsWith("Bodies__", StringComparison.Ordinal))
                .Select(setting => $"{setting.Key}={setting.Value}").Order(StringComparer.Ordinal)))
            .ToArray();
        Assert.Single(settings.Distinct());
        Assert.Equal(overlay is "folder-bodies" or "blob-bodies", settings[0].Length > 0);
    }

    [Fact]
    public async Task The_folder_is_one_volume_that_every_role_can_write()
    {
        var all = await overlays.RenderAsync("folder-bodies");
        var claim = all.Single(one => one is { Kind: "PersistentVolumeClaim", Name: "email-ingestion-bodies" });
        Assert.Equal(["ReadWriteMany"], claim.Spec["accessModes"]!.AsArray().Select(mode => (string)mode!));
        foreach (var role in ManifestTests.Roles(all))
        {
            var folder = PodSettings.Of(role, all)["Bodies__Folder"];
            var mount = role.Container["volumeMounts"]!.AsArray().Single(mount => (string?)mount!["mountPath"] == folder)!;
            Assert.NotEqual(true, (bool?)mount["readOnly"]);
            Assert.Null(mount["subPath"]);
            var volume = role.Pod["volumes"]!.AsArray().Single(volume => (string?)volume!["name"] == (string?)mount["name"])!;
            Assert.Equal(claim.Name, (string?)volume["persistentVolumeClaim"]!["claimName"]);
            // Without a group the volume belongs to root, and the image's user cannot write it.
            Assert.Equal((int)role.Pod["securityContext"]!["runAsUser"]!, (int)role.Pod["securityContext"]!["fsGroup"]!);
        }
    }

    [Fact]
    public async Task Every_role_signs_in_to_the_container_and_may_reach_it()
    {
        var all = await overlays.RenderAsync("blob-bodies");
        Assert.NotNull(all.Single(one => one.Kind == "ServiceAccount")
            .Json["metadata"]!["annotations"]!["azure.workload.identity/client-id"]);
        foreach (var role in ManifestTests.Roles(all))
        {
            Assert.Equal("true", (string?)role.Spec["template"]!["metadata"]!["labels"]!["azure.workload.identity/use"]);
            Assert.Equal("prod", PodSettings.Of(role, all)["AZURE_TOKEN_CREDENTIALS"]);
            Assert.StartsWith("https://", PodSettings.Of(role, all)["Bodies__Container"], StringComparison.Ordinal);
        }

        var https = all.Single(one => one is { Kind: "NetworkPolicy", Name: "egress-https" });
        Assert.Equal(["app.kubernetes.io/name"], https.Spec["podSelector"]!["matchLabels"]!.AsObject().Select(label => label.Key));
    }
}
