using System.Collections.Concurrent;
using System.Globalization;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Servers;
using EmailIngestion.Streams;
using StackExchange.Redis;

namespace EmailIngestion.Integration.Tests.Entra;

/// <summary>
/// A Redis that knows the tokens of a <see cref="TokenServer"/>, as Azure Managed Redis knows those of Microsoft Entra ID. Each token has a
/// user of its own, so CLIENT LIST shows the token by which each connection has signed in last.
/// </summary>
internal sealed class TokenRedis : IAsyncDisposable
{
    private const string Admin = "admin";

    private readonly TestAuthority _authority = new();
    private readonly List<IServer> _servers = [];

    private TokenRedis()
    {
    }

    public TokenServer Tokens { get; private set; } = null!;

    /// <summary>How long a token is valid.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Whether the servers learn each new token.</summary>
    public bool Accepts { get; set; } = true;

    /// <summary>Every token that was issued.</summary>
    public ConcurrentQueue<string> Issued { get; } = new();

    /// <summary>The user of the newest token.</summary>
    public string User => UserOf(Issued.Count);

    public static async Task<TokenRedis> StartAsync(params IReadOnlyList<RedisNode> nodes)
    {
        var result = new TokenRedis();
        foreach (var node in nodes)
        {
            // Nobody gets in without a user, as in Azure. The replicas of a Cluster do so by this password.
            await node.AskAsync(CancellationToken.None, "CONFIG", "SET", "masterauth", Admin);
            await node.AskAsync(CancellationToken.None, "ACL", "SETUSER", "default", "resetpass", $">{Admin}");
        }

        foreach (var node in nodes)
        {
            var admin = await ConnectionMultiplexer.ConnectAsync($"{node.Address},password={Admin},protocol=resp2,allowAdmin=true");
            result._servers.Add(admin.GetServer(node.Address));
        }

        result.Tokens = await TokenServer.StartAsync(result._authority);
        result.Tokens.Answer = _ => result.Issue();
        return result;
    }

    /// <summary>A source of tokens that asks the test's Entra ID.</summary>
    public TokenCredential Credential() => new ClientSecretCredential(TokenServer.Tenant, TokenServer.Client, "secret", new()
    {
        AuthorityHost = Tokens.Authority,
        DisableInstanceDiscovery = true,
        Transport = new HttpClientTransport(TestAuthority.Client(_authority.File)),
        Retry = { MaxRetries = 0 },
    });

    public void Configure(StreamOptions options)
    {
        options.Authentication = RedisAuthentication.Entra;
        options.Credential = Credential;
    }

    /// <summary>The settings of a process of the partition that signs in by tokens.</summary>
    public static LocalSettings Of(LocalSettings settings, string connectionString)
    {
        settings["Streams:ConnectionString"] = connectionString;
        settings["Streams:Authentication"] = "Entra";
        return settings;
    }

    /// <summary>Issues a token. The servers know it before the process does.</summary>
    public TokenAnswer Issue()
    {
        var number = Issued.Count + 1;
        var answer = TokenAnswer.Of("https://redis.azure.com", Lifetime, UserOf(number));
        if (Accepts)
            AcceptAsync(UserOf(number), answer.Token!).GetAwaiter().GetResult();
        Issued.Enqueue(answer.Token!);
        return answer;
    }

    /// <summary>Makes the servers accept the newest token.</summary>
    public Task AcceptNewestAsync() => AcceptAsync(User, Issued.Last());

    /// <summary>Closes every connection of the product.</summary>
    public async Task CloseAllAsync()
    {
        foreach (var connection in (await ConnectionsAsync()).Keys.Select(name => name.Split('/')))
        {
            var server = _servers.Single(one => $"{one.EndPoint}" == connection[0]);
            await server.ExecuteAsync("CLIENT", "KILL", "ID", connection[1]);
        }
    }

    /// <summary>Removes a user. The servers close the connections that are still signed in as that user.</summary>
    public Task RunOutAsync(string user) => OnAllAsync("DELUSER", user);

    /// <summary>The connections of the product, as <c>server/id</c>, with their users.</summary>
    public async Task<IReadOnlyDictionary<string, string>> ConnectionsAsync()
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var server in _servers)
        {
            foreach (var line in $"{await server.ExecuteAsync("CLIENT", "LIST")}".Split('\n'))
            {
                var fields = line.Split(' ').Select(field => field.Trim().Split('=', 2)).Where(field => field.Length == 2)
                    .ToDictionary(field => field[0], field => field[1], StringComparer.Ordinal);
                if (fields.TryGetValue("name", out var name) && name.StartsWith("email-ingestion-", StringComparison.Ordinal))
                    found.Add($"{server.EndPoint}/{fields["id"]}/{name}", fields["user"]);
            }
        }

        return found;
    }

    /// <summary>How many AUTH the servers refused.</summary>
    public async Task<int> RefusedAsync()
    {
        var count = 0;
        foreach (var server in _servers)
        {
            var statistics = await server.InfoRawAsync("commandstats") ?? "";
            var auth = statistics.Split('\n').Single(line => line.StartsWith("cmdstat_auth:", StringComparison.Ordinal));
            count += int.Parse(auth.Split("failed_calls=")[1], CultureInfo.InvariantCulture);
        }

        return count;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.Multiplexer.DisposeAsync();
        await Tokens.DisposeAsync();
        _authority.Dispose();
    }

    private static string UserOf(int number) => $"5a1d1f0e-0000-4000-8000-{number:D12}";

    private Task AcceptAsync(string user, string token) => OnAllAsync("SETUSER", user, "on", $">{token}", "~*", "&*", "+@all");

    private async Task OnAllAsync(params string[] arguments)
    {
        foreach (var server in _servers)
            await server.ExecuteAsync("ACL", [.. arguments]);
    }
}
