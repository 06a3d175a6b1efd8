using System.Text.RegularExpressions;
using EmailIngestion.Deployment.Tests.Support;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

/// <summary>
/// Every user of a machine can read its command lines, so no documented command contains a password, a key or a secret.
/// </summary>
public sealed partial class DocumentedCommandTests
{
    private static readonly string[] Endings = [".md", ".yaml", ".sh", ".example"];
    private static readonly string[] Folders = ["docs", "keda", "tools"];

    private static readonly string[] Files =
    [
        .. Directory.EnumerateFiles(Repository.Root)
            .Where(file => IsDocument(file) || Path.GetFileName(file).StartsWith("Dockerfile", StringComparison.Ordinal)),
        .. Folders.SelectMany(folder => Directory.EnumerateFiles(Repository.File(folder), "*", SearchOption.AllDirectories))
            .Where(IsDocument),
        Repository.File("Local", "Commands", "CommandLine.cs"),
    ];

    [Fact]
    public void No_documented_command_has_a_password_in_it()
    {
        Assert.True(Files.Length > 20);
        Assert.All(Files, file => Assert.All(
            File.ReadLines(file), line => Assert.False(HasSecret(line), $"{Path.GetRelativePath(Repository.Root, file)}: {line}")));
    }

    [Theory]
    [InlineData("redis-cli -h HOST -p 10000 -a KEY INFO server")]
    [InlineData("redis-cli --tls --pass KEY PING")]
    [InlineData("redis-cli -u redis://default:KEY@host:6379 PING")]
    [InlineData("kubectl create secret generic x --from-literal=password=KEY")]
    [InlineData("  --from-literal=Streams__ConnectionString='HOST:10000,password=KEY'")]
    [InlineData("curl -H \"x-functions-key: $key\" http://localhost:7071/api/status")]
    [InlineData("curl 'http://localhost:7071/api/status?code=KEY'")]
    [InlineData("curl -u ann:KEY https://example.org/")]
    [InlineData("curl --user ann:KEY https://example.org/")]
    [InlineData("docker run --env Mailboxes__0__Password=KEY image")]
    [InlineData("docker run -e REDIS_PASSWORD=KEY image")]
    [InlineData("docker run --env Streams__ConnectionString=redis:6379,password=KEY image")]
    [InlineData("docker login -u ann -p KEY")]
    [InlineData("dotnet run --project Local -- poll --password KEY")]
    [InlineData("dotnet run --project Local -- poll --password=KEY")]
    [InlineData("az acr login --name x --password KEY")]
    [InlineData("helm install x --set redis.password=KEY")]
    [InlineData("IMAP_PASSWORD=KEY dotnet run --project Local -- poll")]
    public void A_password_in_a_command_is_found(string line) => Assert.True(HasSecret(line));

    [Theory]
    [InlineData("redis-cli -h HOST -p 10000 XINFO GROUPS email_ingestion_stream")]
    [InlineData("REDISCLI_AUTH=$(cat .data/redis/password) redis-cli -s .data/redis/redis.sock")]
    [InlineData("kubectl create secret generic x --from-env-file=\"$secrets/app\"")]
    [InlineData("curl -H @- \"$@\" <<< \"x-functions-key: $key\"")]
    [InlineData("docker run --env-file FILE --env Streams__ConnectionString=redis:6379 image")]
    [InlineData("  - password=")]
    public void A_command_without_one_is_not(string line) => Assert.False(HasSecret(line));

    private static bool IsDocument(string file) => Endings.Contains(Path.GetExtension(file), StringComparer.Ordinal);

    private static bool HasSecret(string line) => Secret().IsMatch(line);

    [GeneratedRegex(
        """
        redis-cli\b.*\s(-a\s|--pass\s|-u\s+rediss?:)
        | --from-literal
        | curl\b.*\s(-H|--header)\s*["']?(x-functions-key|authorization)
        | curl\b.*[?&]code=
        | curl\b.*\s(-u|--user)\s
        | (--env|\s-e)[\s=]\S*(password|secret|key)\S*=
        | docker\s+login\b.*\s(-p|--password)\s
        | \s--password[\s=](?!\S*stdin)
        | --set\S*\s\S*(password|secret)\S*=
        | ^\s*\w*PASSWORD=\S+\s+\w
        """,
        RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Secret();
}
