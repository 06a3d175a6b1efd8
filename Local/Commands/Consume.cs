
namespace EmailIngestion.Local.Commands;

/// <summary>One more consumer beside others.</summary>
internal static class Consume
{
    public static async Task<int> RunAsync(CommandSettings command, int? port, CancellationToken cancellationToken)
    {
        command.Settings["Polling:Enabled"] = "false";
        command.Settings["Consumer:Enabled"] = "true";
        if (!command.Settings.HasRedis)
            new OwnRedis(command.DataFolder, TimeProvider.System).Find(command.Settings);
        await using var app = LocalHost.Build(command.Settings, new LocalHostOptions(command.DataFolder, port));
        return await Serve.RunAsync(app, command, port, showKey: false, cancellationToken);
    }
}
