namespace EmailIngestion.DevServers.Mail;

/// <summary>A mailbox with demo mail, to try the product without an account.</summary>
internal static class DemoMailbox
{
    public const string User = "demo@example.test";
    public const string Password = "demo";
    public const string Folder = "INBOX";

    // A fixed seed makes the demo the same everywhere.
    private const int Seed = 20;

    /// <summary>Starts Dovecot, and fills an empty folder with <paramref name="count"/> messages and the poison message.</summary>
    public static async Task<DovecotProcess> StartAsync(int count, string? folder, TimeProvider time, CancellationToken ct)
    {
        var server = await DovecotProcess.StartAsync(new DovecotProcessOptions { DataFolder = folder }, time, ct);
        try
        {
            server.AddUser(User, Password);
            if (await server.CountAsync(User, Password, Folder, ct) == 0)
            {
                var now = time.GetUtcNow();
                var messages = DemoMail.Generate(count, Seed, now).Append(DemoMail.Poison(now));
                await server.AppendAsync(User, Password, Folder, messages.Select(m => (m.Raw, m.InternalDate)), ct);
            }

            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }
}
