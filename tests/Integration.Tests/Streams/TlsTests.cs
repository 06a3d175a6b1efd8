using System.Globalization;
using EmailIngestion.DevServers;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Redis;
using EmailIngestion.Servers;
using EmailIngestion.Streams;
using Microsoft.Extensions.Options;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>Tests Redis servers with certificates of an authority that only the settings name.</summary>
public sealed class TlsTests
{
    private const string Service = "mymaster";
    private const string Quick = "ssl=true,connectTimeout=2000,asyncTimeout=2000";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_connection_trusts_the_authority_of_the_settings()
    {
        using var authority = new TestAuthority();
        await using var redis = await TlsRedis.StartAsync(authority, authority.Server(), Cancel);
        await WorksAsync(Streams($"{redis.Address},{Quick}", authority));
    }

    [Fact]
    public async Task One_of_several_authorities_in_the_file_is_enough()
    {
        using var former = new TestAuthority();
        using var authority = new TestAuthority();
        await using var redis = await TlsRedis.StartAsync(authority, authority.Server(), Cancel);
        await File.AppendAllTextAsync(former.File, $"\n{await File.ReadAllTextAsync(authority.File, Cancel)}", Cancel);
        await WorksAsync(Streams($"{redis.Address},{Quick}", former));
    }

    [Fact]
    public async Task Another_authority_is_refused_with_the_reason()
    {
        using var authority = new TestAuthority();
        using var other = new TestAuthority();
        await using var redis = await TlsRedis.StartAsync(authority, authority.Server(), Cancel);
        var error = await FailsAsync(Streams($"{redis.Address},{Quick}", other));
        Assert.StartsWith("The certificate of Redis at 127.0.0.1 is not accepted: ", error, StringComparison.Ordinal);
        Assert.EndsWith($"Streams:CertificateAuthority is {other.File}.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_setting_it_is_refused_with_the_name_of_the_setting()
    {
        using var authority = new TestAuthority();
        await using var redis = await TlsRedis.StartAsync(authority, authority.Server(), Cancel);
        var error = await FailsAsync(Streams($"{redis.Address},{Quick}", null));
        Assert.StartsWith("The certificate of Redis at 127.0.0.1 is not accepted: ", error, StringComparison.Ordinal);
        Assert.EndsWith("Streams:CertificateAuthority is not set.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_refused_unless_the_settings_name_it()
    {
        using var authority = new TestAuthority();
        await using var redis = await TlsRedis.StartAsync(authority, authority.Server("redis.example.org"), Cancel);
        var error = await FailsAsync(Streams($"{redis.Address},{Quick}", authority));
        Assert.Contains("it is for another name than '127.0.0.1'", error, StringComparison.Ordinal);
        await WorksAsync(Streams($"{redis.Address},{Quick},sslHost=redis.example.org", authority));
    }

    [Fact]
    public async Task A_client_certificate_is_not_accepted_from_a_server()
    {
        using var authority = new TestAuthority();
        await using var redis = await TlsRedis.StartAsync(authority, authority.Client(), Cancel);
        var error = await FailsAsync(Streams($"{redis.Address},{Quick},sslHost=client", authority));
        Assert.StartsWith("The certificate of Redis at client is not accepted: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Redis_that_requires_a_client_certificate_receives_it()
    {
        using var authority = new TestAuthority();
        await using var redis = await TlsRedis.StartAsync(authority, authority.Server(), Cancel, "--tls-auth-clients", "yes");
        var (certificate, key) = authority.Client();
        await WorksAsync(Streams($"{redis.Address},{Quick}", authority, certificate, key));
        Assert.Equal("OK", await redis.Node.AskAsync(Cancel, "FLUSHALL"));
        await File.AppendAllTextAsync(certificate, $"\n{await File.ReadAllTextAsync(key, Cancel)}", Cancel);
        await WorksAsync(Streams($"{redis.Address},{Quick}", authority, certificate));
        foreach (var version in (string[])["Tls12", "Tls13"])
            Assert.Contains(
                "Streams:ClientCertificate", await FailsAsync(Streams($"{redis.Address},{Quick},sslProtocols={version}", authority)),
                StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sentinels_with_TLS_are_used_and_a_failover_is_followed()
    {
        using var authority = new TestAuthority();
        var certificate = authority.Server();
        await using var primary = await TlsRedis.StartAsync(authority, certificate, Cancel);
        await using var replica = await TlsRedis.StartAsync(authority, certificate, Cancel, "--replicaof", $"127.0.0.1 {primary.TlsPort}");
        var port = Loopback.FreePort();
        await using var sentinel = await SentinelProcess.StartAsync(
            [
                .. TlsRedis.Directives(authority, certificate, port),
                $"sentinel monitor {Service} 127.0.0.1 {primary.TlsPort} 1", $"sentinel down-after-milliseconds {Service} 1000",
            ],
            TimeProvider.System,
            Cancel);
        await Eventually.TrueAsync(
            async () => (await sentinel.AskAsync(Cancel, "INFO", "sentinel")).Contains("slaves=1", StringComparison.Ordinal)
                && (await replica.Node.AskAsync(Cancel, "INFO", "replication")).Contains("master_link_status:up", StringComparison.Ordinal),
            "the Sentinel knows the replica");
        var streams = Streams($"127.0.0.1:{port},serviceName={Service},{Quick}", authority);
        await using var connection = StreamConnection.Create(streams);
        await new StreamGuard(connection, streams).CheckServersAsync(Cancel);
        Assert.StartsWith(
            $"No Sentinel says where the primary of '{Service}' is: The certificate of Redis at 127.0.0.1 is not accepted: ",
            await FailsAsync(Streams($"127.0.0.1:{port},serviceName={Service},{Quick}", null)),
            StringComparison.Ordinal);

        await primary.Node.KillAsync();

        await Eventually.TrueAsync(
            async () => (await connection.GetAsync(Cancel)).GetServers() is [{ IsConnected: true } server]
                && server.EndPoint.ToString() == replica.Address,
            "it follows");
        await new StreamGuard(connection, streams).CheckServersAsync(Cancel);
    }

    [Fact]
    public async Task The_nodes_of_a_Cluster_are_found_and_reached_by_TLS()
    {
        using var authority = new TestAuthority();
        var certificate = authority.Server();
        string[] cluster = ["--cluster-enabled", "yes", "--tls-cluster", "yes", "--cluster-config-file", "nodes.conf", "--cluster-port"];
        var bus = Loopback.FreePort().ToString(CultureInfo.InvariantCulture);
        await using var one =
            await TlsRedis.StartAsync(
                authority, certificate, Cancel, [.. cluster, Loopback.FreePort().ToString(CultureInfo.InvariantCulture)]);
        await using var two = await TlsRedis.StartAsync(authority, certificate, Cancel, [.. cluster, bus]);
        // Partition "a" has a slot in the upper half, on the node that the connection string does not name.
        Assert.Equal("OK", await one.Node.AskAsync(Cancel, "CLUSTER", "ADDSLOTSRANGE", "0", "8191"));
        Assert.Equal("OK", await two.Node.AskAsync(Cancel, "CLUSTER", "ADDSLOTSRANGE", "8192", "16383"));
        Assert.Equal("15495", await one.Node.AskAsync(Cancel, "CLUSTER", "KEYSLOT", "{a}"));
        Assert.Equal(
            "OK", await one.Node.AskAsync(Cancel, "CLUSTER", "MEET", "127.0.0.1", two.TlsPort.ToString(CultureInfo.InvariantCulture), bus));
        foreach (var node in (TlsRedis[])[one, two])
        {
            await Eventually.TrueAsync(
                async () => (await node.Node.AskAsync(Cancel, "CLUSTER", "INFO")).Contains("cluster_state:ok", StringComparison.Ordinal),
                "the Cluster is whole");
        }

        var streams = Streams($"{one.Address},{Quick}", authority);
        streams.Value.Partitions.Add("a");
        await WorksAsync(streams, "a");
    }

    private static IOptions<StreamOptions> Streams(
        string connectionString, TestAuthority? authority, string? certificate = null, string? key = null)
    {
        var options = new StreamOptions
        {
            ConnectionString = connectionString,
            CertificateAuthority = authority?.File,
            ClientCertificate = certificate,
            ClientCertificateKey = key,
        };
        Assert.True(new StreamOptionsRules().Validate(null, options).Succeeded);
        return Options.Create(options);
    }

    // Uses the shared connection and a dedicated connection.
    private static async Task WorksAsync(IOptions<StreamOptions> streams, string name = "")
    {
        await using var connection = StreamConnection.Create(streams);
        var partition = new StreamPartition(name, connection, streams, TimeProvider.System);
        var guard = new StreamGuard(connection, streams);
        await guard.CheckServersAsync(Cancel);
        await guard.EnsureGroupAsync(partition.Keys, Cancel);
        await Mails.AppendAsync(partition.Stream, 3);
        await using var group = partition.Join("one", TimeSpan.FromMinutes(1));
        Assert.Equal(3, (await group.Reader.ReadAsync(10, TimeSpan.FromSeconds(1), Cancel)).Count);
    }

    // The text of the log line.
    private static async Task<string> FailsAsync(IOptions<StreamOptions> streams)
    {
        await using var connection = StreamConnection.Create(streams);
        var error = await Assert.ThrowsAnyAsync<Exception>(() => new StreamGuard(connection, streams).CheckServersAsync(Cancel));
        Assert.True(RedisErrors.IsPassing(error), $"{error}");
        return BriefError.Of(error);
    }
}
