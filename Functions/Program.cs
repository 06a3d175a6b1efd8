using EmailIngestion;
using EmailIngestion.Functions;
using EmailIngestion.Hosting;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

return IngestionHost.Run(() =>
{
    var builder = FunctionsApplication.CreateBuilder(args);
    builder.AddEmailIngestion();
    return builder.Build();
});
