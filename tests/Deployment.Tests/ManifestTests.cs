using EmailIngestion.Deployment.Tests.Support;
using k8s;
using k8s.Models;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

public sealed class ManifestTests(Overlays overlays)
{
    private static readonly Dictionary<string, Action<string>> Core = new(StringComparer.Ordinal)
    {
        ["v1/Namespace"] = Strictly<V1Namespace>,
        ["v1/ServiceAccount"] = Strictly<V1ServiceAccount>,
        ["v1/ConfigMap"] = Strictly<V1ConfigMap>,
        ["v1/Secret"] = Strictly<V1Secret>,
        ["v1/Service"] = Strictly<V1Service>,
        ["v1/PersistentVolumeClaim"] = Strictly<V1PersistentVolumeClaim>,
        ["storage.k8s.io/v1/StorageClass"] = Strictly<V1StorageClass>,
        ["apps/v1/Deployment"] = Strictly<V1Deployment>,
        ["apps/v1/StatefulSet"] = Strictly<V1StatefulSet>,
        ["policy/v1/PodDisruptionBudget"] = Strictly<V1PodDisruptionBudget>,
        ["networking.k8s.io/v1/NetworkPolicy"] = Strictly<V1NetworkPolicy>,
    };

    [Fact]
    public void There_is_an_overlay_for_every_kind_of_Redis() =>
        Assert.Equal(
            [
                "azure-managed-redis", "blob-archive", "blob-bodies", "cluster", "dev", "entra", "folder-bodies", "refresh-tokens",
                "scale-to-zero", "sentinel", "standalone",
            ],
            Overlays.Names);

    [Theory]
    [MemberData(nameof(Overlays.All), MemberType = typeof(Overlays))]
    public async Task Core_kinds_have_no_field_that_Kubernetes_does_not_know(string overlay)
    {
        foreach (var manifest in (await overlays.RenderAsync(overlay)).Where(one => one.IsCore))
        {
            Assert.True(
                Core.TryGetValue($"{manifest.ApiVersion}/{manifest.Kind}", out var read), $"{manifest} is of a kind that no test reads.");
            // JSON is YAML.
            read(manifest.Json.ToJsonString());
        }
    }

    [Fact]
    public void A_field_that_Kubernetes_does_not_know_is_found() =>
        Assert.ThrowsAny<Exception>(() => Strictly<V1Deployment>(
            """{ "apiVersion": "apps/v1", "kind": "Deployment", "spec": { "replica": 1 } }"""));

    [Theory]
    [MemberData(nameof(Overlays.All), MemberType = typeof(Overlays))]
    public async Task KEDA_kinds_fit_their_schemas(string overlay)
    {
        var schemas = Schemas();
        var found = (await overlays.RenderAsync(overlay))
            .Where(one => one.ApiVersion.StartsWith("keda.sh/", StringComparison.Ordinal)).ToArray();
        Assert.Contains(found, one => one.Kind == "ScaledObject");
        Assert.Contains(found, one => one.Kind == "TriggerAuthentication");
        Assert.All(found, one => Assert.Empty(schemas[one.Kind].Errors(one.Json)));
    }

    [Fact]
    public void The_examples_for_KEDA_fit_their_schemas()
    {
        var schemas = Schemas();
        var examples = Directory.GetFiles(Repository.File("keda", "examples"), "*.yaml")
            .SelectMany(file => Yaml.Parse(File.ReadAllText(file)))
            .Select(json => new Manifest(json)).Where(one => schemas.ContainsKey(one.Kind)).ToArray();
        Assert.NotEmpty(examples);
        Assert.All(examples, one => Assert.Empty(schemas[one.Kind].Errors(one.Json)));
    }

    [Theory]
    [InlineData(
        "triggers: [{ type: redis-streams, metadata: { lagCount: 5 } }]", "/spec/triggers/0/metadata/lagCount is not text: quote it")]
    [InlineData("triggers: [{ type: redis-streams, metadata: { lagCount: '5' } }]\n  maxReplicas: 8", "/spec/maxReplicas is not a field")]
    [InlineData("triggers: []", "/spec/triggers has too few items")]
    [InlineData(
        "triggers: [{ type: cron, metadata: {} }]\n  fallback: { replicas: 1, failureThreshold: 1, behavior: current }",
        "/spec/fallback/behavior is 'current'")]
    public void A_ScaledObject_that_does_not_fit_is_found(string spec, string error)
    {
        var text =
            $"apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{ name: one }}\n"
            + $"spec:\n  scaleTargetRef: {{ name: one }}\n  {spec}\n";
        Assert.Contains(Schemas()["ScaledObject"].Errors(Yaml.Parse(text)[0]), found => found.StartsWith(error, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Overlays.All), MemberType = typeof(Overlays))]
    public async Task Every_named_object_exists(string overlay)
    {
        var all = await overlays.RenderAsync(overlay);
        string[] made = ["email-ingestion", "email-ingestion-mailboxes", "email-ingestion-function-keys", "email-ingestion-keda"];
        var secrets = all.Where(one => one.Kind == "Secret").Select(one => one.Name).DefaultIfEmpty().Any(name => name is not null)
            ? all.Where(one => one.Kind == "Secret").Select(one => one.Name).ToArray()
            : made;
        foreach (var deployment in Roles(all))
        {
            Assert.Contains(all, one => one.Kind == "ServiceAccount" && one.Name == (string)deployment.Pod["serviceAccountName"]!);
            Assert.All(PodSettings.SecretsOf(deployment).Where(used => !used.IsOptional), used => Assert.Contains(used.Secret, secrets));
            Assert.All(
                deployment.Pod["volumes"]!.AsArray().Select(volume => (string?)volume!["persistentVolumeClaim"]?["claimName"])
                    .OfType<string>(),
                claim => Assert.Contains(all, one => one.Kind == "PersistentVolumeClaim" && one.Name == claim));
        }

        foreach (var scaled in all.Where(one => one.Kind == "ScaledObject"))
        {
            Assert.Contains(all, one => one.Kind == "Deployment" && one.Name == (string)scaled.Spec["scaleTargetRef"]!["name"]!);
            Assert.All(scaled.Items("spec", "triggers"), trigger =>
                Assert.Contains(
                    all, one => one.Kind == "TriggerAuthentication" && one.Name == (string)trigger["authenticationRef"]!["name"]!));
        }

        var authentication = all.Single(one => one.Kind == "TriggerAuthentication");
        Assert.All(authentication.Items("spec", "secretTargetRef"), reference => Assert.Contains((string)reference["name"]!, secrets));
    }

    [Theory]
    [MemberData(nameof(Overlays.All), MemberType = typeof(Overlays))]
    public async Task Everything_is_in_one_namespace_of_its_own(string overlay) =>
        Assert.All(
            (await overlays.RenderAsync(overlay)).Where(one => one.Kind is not ("Namespace" or "StorageClass")),
            one => Assert.Equal("email-ingestion", (string?)one.Json["metadata"]!["namespace"]));

    internal static IEnumerable<Manifest> Roles(IReadOnlyList<Manifest> all) =>
        all.Where(one => one.Kind == "Deployment" && one.Component is "poller" or "consumer" or "admin");

    private static void Strictly<T>(string text) => KubernetesYaml.Deserialize<T>(text, strict: true);

    private static IReadOnlyDictionary<string, CrdSchema> Schemas()
    {
        if (Environment.GetEnvironmentVariable("KEDA_CRDS") is { Length: > 0 } folder)
            return CrdSchema.Load(folder);
        Assert.Skip("KEDA_CRDS does not name the folder of KEDA's CRDs.");
        throw new System.Diagnostics.UnreachableException();
    }
}
