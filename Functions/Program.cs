using EmailIngestion.Functions;
using EmailIngestion.Hosting;
using Microsoft.Azure.Functions.Worker.Builder;

return IngestionHost.Run(() =>
{
    var builder = FunctionsApplication.CreateBuilder(args);
    builder.AddEmailIngestion();
    return builder.Build();
});
