using EmailIngestion.DevServers;
using EmailIngestion.DevServers.Mail;
using EmailIngestion.Functions.Tests.Support;

namespace EmailIngestion.Functions.Tests.Worker;

/// <summary>The settings of workers in tests.</summary>
internal static class WorkerSettings
{
    public static IEnumerable<(string Name, string Value)> For(TestRedis redis, string partition, TemporaryFolder folder) =>
        For(redis.ConnectionString, partition, folder);

    public static IEnumerable<(string Name, string Value)> For(string connectionString, string partition, TemporaryFolder folder) =>
    [
        ("Streams:ConnectionString", connectionString),
        ("Streams:Partitions:0", partition),
        ("POLL_SCHEDULE", "0 * * * * *"),
        ("Archive:Folder", Path.Combine(folder.Path, "archive")),
        ("Archive:Durable", "false"),
    ];

    /// <summary>The demo's mailbox, from its first email on.</summary>
    public static IEnumerable<(string Name, string Value)> Mailbox(string partition, DovecotProcess mailbox) =>
    [
        ("Mailboxes:0:Partition", partition),
        ("Mailboxes:0:Host", mailbox.Host),
        ("Mailboxes:0:Port", $"{mailbox.TlsPort}"),
        ("Mailboxes:0:Security", "Tls"),
        ("Mailboxes:0:CertificateAuthority", mailbox.CertificateAuthorityPath),
        ("Mailboxes:0:Username", DemoMailbox.User),
        ("Mailboxes:0:Password", DemoMailbox.Password),
        ("Mailboxes:0:StartFrom", "all"),
    ];

    /// <summary>A mailbox on this machine, without TLS.</summary>
    public static IEnumerable<(string Name, string Value)> Mailbox(string partition, string host, int port) =>
    [
        ("Mailboxes:0:Partition", partition),
        ("Mailboxes:0:Host", host),
        ("Mailboxes:0:Port", $"{port}"),
        ("Mailboxes:0:Security", "None"),
        ("Mailboxes:0:Username", "ann@example.org"),
        ("Mailboxes:0:Password", "secret"),
    ];
}
