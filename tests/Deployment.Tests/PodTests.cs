using EmailIngestion.Consuming;
using EmailIngestion.Deployment.Tests.Support;
using EmailIngestion.Functions;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Processing;
using Microsoft.Azure.Functions.Worker;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

public sealed class PodTests(Overlays overlays)
{
    private static readonly string[] Probes = ["livenessProbe", "startupProbe", "readinessProbe"];

    [Theory]
    [MemberData(nameof(Overlays.All), MemberType = typeof(Overlays))]
    public async Task Every_pod_runs_with_as_little_as_it_can(string overlay)
    {
        foreach (var workload in (await overlays.RenderAsync(overlay)).Where(one => one.Kind is "Deployment" or "StatefulSet"))
        {
            var pod = workload.Pod["securityContext"]!;
            Assert.True((bool)pod["runAsNonRoot"]!, $"{workload}");
            Assert.True((int)pod["runAsUser"]! > 0);
            Assert.Equal("RuntimeDefault", (string?)pod["seccompProfile"]!["type"]);
            Assert.False((bool)workload.Pod["automountServiceAccountToken"]!);
            var container = workload.Container["securityContext"]!;
            Assert.True((bool)container["readOnlyRootFilesystem"]!);
            Assert.False((bool)container["allowPrivilegeEscalation"]!);
            Assert.Equal(["ALL"], container["capabilities"]!["drop"]!.AsArray().Select(capability => (string)capability!));
            Assert.NotNull(workload.Container["resources"]!["requests"]!["cpu"]);
            Assert.NotNull(workload.Container["resources"]!["requests"]!["memory"]);
            Assert.NotNull(workload.Container["resources"]!["limits"]!["memory"]);
        }
    }

    [Theory]
    [MemberData(nameof(Overlays.All), MemberType = typeof(Overlays))]
    public async Task The_roles_run_as_the_images_user_and_have_no_token(string overlay)
    {
        var all = await overlays.RenderAsync(overlay);
        Assert.False((bool)all.Single(one => one.Kind == "ServiceAccount").Json["automountServiceAccountToken"]!);
        foreach (var role in ManifestTests.Roles(all))
            Assert.Contains(
                $"\nUSER {role.Pod["securityContext"]!["runAsUser"]}\n", Repository.Read("Dockerfile"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Overlays.All), MemberType = typeof(Overlays))]
    public async Task The_host_can_write_its_folders_and_its_files_are_mounted(string overlay)
    {
        foreach (var role in ManifestTests.Roles(await overlays.RenderAsync(overlay)))
        {
            var mounts = role.Container["volumeMounts"]!.AsArray()
                .ToDictionary(mount => (string)mount!["mountPath"]!, mount => (string)mount!["name"]!);
            var volumes = role.Pod["volumes"]!.AsArray().ToDictionary(volume => (string)volume!["name"]!, volume => volume!.AsObject());
            Assert.True(volumes[mounts["/tmp"]].ContainsKey("emptyDir"));
            // The host reads keys here when AzureWebJobsSecretStorageType is kubernetes and no object is named.
            Assert.True(volumes[mounts["/run/secrets/functions-keys"]].ContainsKey("secret"));
            if (role.Component == "consumer" && overlay != "blob-archive")
                Assert.True(volumes[mounts["/archive"]].ContainsKey("persistentVolumeClaim"));
        }
    }

    [Theory]
    [MemberData(nameof(Overlays.All), MemberType = typeof(Overlays))]
    public async Task Liveness_depends_on_no_server_and_both_probes_need_no_key(string overlay)
    {
        var open = FunctionCatalog.Find(typeof(StatusFunction).Assembly)
            .Where(function => function.Http?.AuthLevel == AuthorizationLevel.Anonymous)
            .Select(function => $"/api/{function.Http!.Route}").ToArray();
        foreach (var role in ManifestTests.Roles(await overlays.RenderAsync(overlay)))
        {
            Assert.Equal("/api/health/live", (string?)role.Container["livenessProbe"]!["httpGet"]!["path"]);
            Assert.Equal("/api/health/live", (string?)role.Container["startupProbe"]!["httpGet"]!["path"]);
            Assert.Equal("/api/health/ready", (string?)role.Container["readinessProbe"]!["httpGet"]!["path"]);
            Assert.All(
                Probes,
                probe => Assert.Contains((string?)role.Container[probe]!["httpGet"]!["path"], open));
        }
    }

    [Theory]
    [MemberData(nameof(Overlays.All), MemberType = typeof(Overlays))]
    public async Task A_pod_that_stops_has_the_time_that_its_work_needs(string overlay)
    {
        var all = await overlays.RenderAsync(overlay);
        foreach (var consumer in ManifestTests.Roles(all).Where(role => role.Component == "consumer"))
        {
            var settings = PodSettings.Of(consumer, all);
            var needed =
                Time(settings, "Processing__AttemptTimeout", new ProcessingOptions().AttemptTimeout) + new ConsumerOptions().ShutdownGrace;
            Assert.True((int)consumer.Pod["terminationGracePeriodSeconds"]! >= needed.TotalSeconds);
            // The host ends its worker five seconds after the request to stop.
            Assert.True(Time(settings, "Consumer__ShutdownGrace", new ConsumerOptions().ShutdownGrace) < TimeSpan.FromSeconds(5));
        }
    }

    [Theory]
    [MemberData(nameof(Overlays.All), MemberType = typeof(Overlays))]
    public async Task Consumers_and_admins_are_spread_and_leave_one_at_a_time(string overlay)
    {
        var all = await overlays.RenderAsync(overlay);
        foreach (var role in ManifestTests.Roles(all).Where(role => role.Component != "poller"))
        {
            var labels = role.Spec["template"]!["metadata"]!["labels"]!.AsObject()
                .ToDictionary(label => label.Key, label => (string?)label.Value);
            Assert.All(
                role.Items("spec", "template", "spec", "topologySpreadConstraints"),
                spread => Assert.All(
                    spread["labelSelector"]!["matchLabels"]!.AsObject(), label => Assert.Equal((string?)label.Value, labels[label.Key])));
            var budget = all.Single(one => one.Kind == "PodDisruptionBudget" && one.Name == role.Name);
            Assert.Equal(1, (int)budget.Spec["maxUnavailable"]!);
            Assert.Equal(
                role.Spec["selector"]!["matchLabels"]!.ToJsonString(), budget.Spec["selector"]!["matchLabels"]!.ToJsonString());
        }
    }

    [Theory]
    [MemberData(nameof(Overlays.All), MemberType = typeof(Overlays))]
    public async Task No_two_workloads_select_each_others_pods(string overlay)
    {
        var all = (await overlays.RenderAsync(overlay)).Where(one => one.Kind is "Deployment" or "StatefulSet").ToArray();
        foreach (var workload in all)
        {
            var selector = workload.Spec["selector"]!["matchLabels"]!.AsObject();
            Assert.Single(all, other =>
                selector.All(label => (string?)other.Spec["template"]!["metadata"]!["labels"]![label.Key] == (string?)label.Value));
        }
    }

    private static TimeSpan Time(IReadOnlyDictionary<string, string?> settings, string name, TimeSpan otherwise) =>
        settings.GetValueOrDefault(name) is { } text ? TimeSpan.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : otherwise;
}
