using System.Text.Json.Nodes;
using EmailIngestion.Deployment.Tests.Support;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

public sealed class NetworkTests(Overlays overlays)
{
    [Theory]
    [MemberData(nameof(Overlays.All), MemberType = typeof(Overlays))]
    public async Task Nothing_goes_in_or_out_that_is_not_named(string overlay)
    {
        var policies = await PoliciesAsync(overlay);
        var deny = policies["default-deny"];
        Assert.Empty(deny.Spec["podSelector"]!.AsObject());
        Assert.Equal(
            ["Egress", "Ingress"], deny.Spec["policyTypes"]!.AsArray().Select(type => (string)type!).Order(StringComparer.Ordinal));
        Assert.Null(deny.Spec["egress"]);
        Assert.Null(deny.Spec["ingress"]);
        // A rule without ports, or a policy with an empty rule, would allow everything.
        Assert.All(
            policies.Values.Where(policy => policy.Name != "default-deny").SelectMany(Rules),
            rule => Assert.NotEmpty(rule["ports"]!.AsArray()));
    }

    [Theory]
    [MemberData(nameof(Overlays.All), MemberType = typeof(Overlays))]
    public async Task Only_the_poller_reaches_mail_servers_and_only_the_admin_is_called(string overlay)
    {
        var policies = await PoliciesAsync(overlay);
        Assert.Equal("poller", Component(policies["egress-imap"]));
        Assert.Equal([993], Ports(policies["egress-imap"]));
        Assert.Equal("admin", Component(policies["ingress-http"]));
        Assert.Equal([443], Ports(policies["egress-https"]));
        Assert.Equal([4317], Ports(policies["egress-otlp"]));
        Assert.Equal([53, 53], Ports(policies["egress-dns"]));
        Assert.Equal(
            ["metrics"], policies["ingress-metrics"].Spec["ingress"]![0]!["ports"]!.AsArray().Select(port => (string)port!["port"]!));
    }

    [Theory]
    [InlineData("dev", 6379)]
    [InlineData("standalone", 6380, 10000)]
    [InlineData("blob-archive", 6380, 10000)]
    [InlineData("blob-bodies", 6380, 10000)]
    [InlineData("folder-bodies", 6380, 10000)]
    [InlineData("azure-managed-redis", 10000)]
    [InlineData("entra", 10000)]
    [InlineData("refresh-tokens", 6380, 10000)]
    [InlineData("scale-to-zero", 6380, 10000)]
    [InlineData("sentinel", 6379, 26379)]
    [InlineData("cluster", 6379)]
    public async Task Redis_is_reachable_where_the_overlay_has_it(string overlay, params int[] ports) =>
        Assert.Equal(ports, Ports((await PoliciesAsync(overlay))["egress-redis"]));

    private static IEnumerable<JsonObject> Rules(Manifest policy) => policy.Items("spec", "egress").Concat(policy.Items("spec", "ingress"));

    private static IEnumerable<int> Ports(Manifest policy) =>
        Rules(policy).SelectMany(rule => rule["ports"]!.AsArray()).Select(port => (int)port!["port"]!);

    private static string? Component(Manifest policy) =>
        (string?)policy.Spec["podSelector"]!["matchLabels"]!["app.kubernetes.io/component"];

    private async Task<Dictionary<string, Manifest>> PoliciesAsync(string overlay) =>
        (await overlays.RenderAsync(overlay)).Where(one => one.Kind == "NetworkPolicy").ToDictionary(one => one.Name);
}
