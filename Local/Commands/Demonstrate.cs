using EmailIngestion.Configuration;
using EmailIngestion.DevServers;
using EmailIngestion.DevServers.Mail;
using EmailIngestion.Hosting;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Local.Commands;

/// <summary>Runs the whole pipeline on a demo mailbox, and shows its progress in the terminal.</summary>
internal static class Demonstrate
{
    private const string Processor = "demo";

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(500);

    public static async Task<int> RunAsync(CommandSettings command, int emails, int? port, CancellationToken cancellationToken)
    {
        command.CheckPlaces(port, startsRedis: true);
        // Checked before the mailbox is filled, which takes a while.
        ServerBinary.Require("redis-server", "redis-server");
        var folder = Path.Combine(command.DataFolder, "demo");
        Renew(folder);
        command = command with { DataFolder = folder };

        Console.WriteLine($"Filling a demo mailbox with {emails} emails, and one that cannot be processed …");
        await using var mailbox = await DemoMailbox.StartAsync(emails, null, TimeProvider.System, cancellationToken);
        await using var redis = await new OwnRedis(folder, TimeProvider.System).StartAsync(command.Settings, cancellationToken);
        Configure(command.Settings, mailbox);

        await using var app = LocalHost.Build(
            command.Settings,
            new LocalHostOptions(folder, port) { PollAtStart = true },
            services => services.AddEmailProcessor<DemoProcessor>(Processor));
        var progress = ShowProgressAsync(app, emails + 1);
        var code = await Serve.RunAsync(app, command, port, showKey: true, cancellationToken);
        await progress;
        return code;
    }

    // The mailbox is new at each start, so the data of the last run do not match it.
    private static void Renew(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
            PrivateFiles.CreateFolder(folder, UnixMode.OwnersFolder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"The demo's folder {Path.GetFullPath(folder)} cannot be renewed: {PrivateFiles.Reason(e)}");
        }
    }

    private static void Configure(LocalSettings settings, DovecotProcess mailbox)
    {
        settings.SetOnlyMailbox(new Dictionary<string, string?>
        {
            ["Host"] = mailbox.Host,
            ["Port"] = mailbox.TlsPort.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["CertificateAuthority"] = mailbox.CertificateAuthorityPath,
            ["Username"] = DemoMailbox.User,
            ["Password"] = DemoMailbox.Password,
            ["Folder"] = DemoMailbox.Folder,
            ["StartFrom"] = "all",
        });
        settings["REDIS_HOST"] = null;
        // The progress counts files.
        settings["Archive:Container"] = null;
        settings["Archive:ConnectionString"] = null;
        settings["Processing:Processor"] = Processor;
        settings["POLL_SCHEDULE"] = "*/2 * * * * *";
    }

    // Writes a line at each change, until the host stops.
    private static async Task ShowProgressAsync(WebApplication app, int emails)
    {
        var stopping = app.Lifetime.ApplicationStopping;
        var inspector = app.Services.GetRequiredService<StreamPartitions>().Served[0].Inspector;
        var shown = "";
        var done = false;
        while (!stopping.IsCancellationRequested)
        {
            await Task.Delay(ProgressInterval, TimeProvider.System, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                var snapshot = await inspector.ReadSnapshotAsync(details: false, stopping);
                var archived = Directory.Exists(app.Configuration["Archive:Folder"])
                    ? Directory.EnumerateFiles(app.Configuration["Archive:Folder"]!, "*.json", SearchOption.AllDirectories).Count()
                    : 0;
                // The demo mailbox is new, so its UIDs count from 1.
                var polled = snapshot.Mailboxes.Count > 0 ? snapshot.Mailboxes[0].Last ?? 0 : 0;
                var line = $"polled {polled} of {emails}   processed {archived}   "
                    + $"dead-lettered {snapshot.DeadLetters}   waiting {snapshot.Depth}";
                if (line != shown)
                    Console.WriteLine(shown = line);
                if (!done && archived + snapshot.DeadLetters == emails)
                    Console.WriteLine("All of the demo mailbox is processed. Look at the URLs above; Ctrl-C stops everything.");
                done |= archived + snapshot.DeadLetters == emails;
            }
            catch (Exception) when (!stopping.IsCancellationRequested)
            {
                // The stream does not exist before the first poll.
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
                return;
            }
        }
    }
}
