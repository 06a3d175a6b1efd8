using EmailIngestion.Deployment.Tests.Support;
using EmailIngestion.Mailboxes;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

/// <summary>The keys of kept refresh tokens outlive a poller, are shared by its replicas, and nobody else reads them.</summary>
public sealed class TokenKeysTests(Overlays overlays)
{
    private const string Claim = "email-ingestion-token-keys";

    [Fact]
    public async Task Only_the_poller_mounts_the_volume_and_keeps_its_keys_there()
    {
        var all = await overlays.RenderAsync("refresh-tokens");
        Assert.Single(all, one => one is { Kind: "PersistentVolumeClaim", Name: Claim });
        foreach (var role in ManifestTests.Roles(all))
        {
            var volume = role.Pod["volumes"]!.AsArray()
                .SingleOrDefault(one => (string?)one!["persistentVolumeClaim"]?["claimName"] == Claim);
            var folder = PodSettings.Of(role, all).GetValueOrDefault($"{PollingOptions.Section}__{nameof(PollingOptions.KeyFolder)}");
            Assert.Equal(role.Component == "poller", volume is not null);
            Assert.Equal(role.Component == "poller", folder is not null);
            if (volume is null)
                continue;
            var mount = role.Container["volumeMounts"]!.AsArray().Single(one => (string?)one!["name"] == (string?)volume["name"])!;
            Assert.NotEqual(true, (bool?)mount["readOnly"]);
            // A folder of its own below the mount: the app makes it with mode 0700, whatever fsGroup does to the mount.
            Assert.StartsWith($"{(string)mount["mountPath"]!}/", folder, StringComparison.Ordinal);
            Assert.Equal((int)role.Pod["securityContext"]!["runAsUser"]!, (int)role.Pod["securityContext"]!["fsGroup"]!);
        }
    }

    [Fact]
    public async Task The_volume_belongs_to_the_apps_user_alone_and_is_shared_and_kept()
    {
        var all = await overlays.RenderAsync("refresh-tokens");
        var claim = all.Single(one => one is { Kind: "PersistentVolumeClaim", Name: Claim });
        Assert.Equal(["ReadWriteMany"], claim.Spec["accessModes"]!.AsArray().Select(mode => (string)mode!));
        var storage = all.Single(one => one.Kind == "StorageClass");
        Assert.Equal(storage.Name, (string?)claim.Spec["storageClassName"]);
        Assert.Equal("Retain", (string?)storage.Json["reclaimPolicy"]);
        var user = (int)ManifestTests.Roles(all).First().Pod["securityContext"]!["runAsUser"]!;
        var options = storage.Json["mountOptions"]!.AsArray().Select(option => (string)option!).ToArray();
        Assert.All(["dir_mode=0700", "file_mode=0600", $"uid={user}", $"gid={user}"], option => Assert.Contains(option, options));
    }
}
