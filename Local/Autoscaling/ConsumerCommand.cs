using EmailIngestion.DevServers;

namespace EmailIngestion.Local.Autoscaling;

/// <summary>Starts a consumer: this program with <c>consume</c>.</summary>
/// <param name="arguments">Its arguments besides the name.</param>
/// <param name="time">The clock.</param>
internal sealed class ConsumerCommand(IReadOnlyList<string> arguments, TimeProvider time)
{
    // The program beside this assembly, because this process may be a test.
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, typeof(ConsumerCommand).Assembly.GetName().Name!);

    public ServerProcess Start(string name)
    {
        string[] all = ["consume", "--consumer", name, .. arguments];
        return File.Exists(Program)
            ? ServerProcess.Start(Program, all, time)
            : ServerProcess.Start(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [$"{Program}.dll", .. all], time);
    }
}
