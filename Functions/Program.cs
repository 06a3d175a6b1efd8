using EmailIngestion.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

return IngestionHost.Run(() =>
{
    var builder = FunctionsApplication.CreateBuilder(args);
    builder.ConfigureFunctionsWebApplication();
    // Logs of the poller's and the consumer's own services reach the terminal only through a provider of ours.
    builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
    builder.Services.AddEmailIngestion(builder.Configuration);
    return builder.Build();
});
