using EmailIngestion.DevServers;
using EmailIngestion.Hosting;
using EmailIngestion.Local.Commands;
using EmailIngestion.Local.Commands.Operating;

try
{
    return await CommandLine.InvokeAsync(args, OperatingConsole.OfProcess(), CancellationToken.None);
}
catch (ServerStartException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
catch (Exception e) when (IngestionHost.Explain(e) is { } lines)
{
    foreach (var line in lines)
        Console.Error.WriteLine(line);
    return 1;
}
