using EmailIngestion.DevServers;

namespace EmailIngestion.Local.Autoscaling;

/// <summary>How a consumer is started: this same program with <c>consume</c>.</summary>
/// <param name="arguments">What it is told besides its name.</param>
/// <param name="time">The clock.</param>
internal sealed class ConsumerCommand(IReadOnlyList<string> arguments, TimeProvider time)
{
    // The program beside this code, and not this process, which may be a test's.
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, typeof(ConsumerCommand).Assembly.GetName().Name!);

    public ServerProcess Start(string name)
    {
        string[] all = ["consume", "--consumer", name, .. arguments];
        return File.Exists(Program)
            ? ServerProcess.Start(Program, all, time)
            : ServerProcess.Start(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [$"{Program}.dll", .. all], time);
    }
}
