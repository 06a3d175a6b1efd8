using EmailIngestion.Functions;
using EmailIngestion.Hosting;
using Invoices;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;

return IngestionHost.Run(() =>
{
    var builder = FunctionsApplication.CreateBuilder(args);
    builder.AddEmailIngestion();
    builder.Services
        .AddScoped<InvoiceRegister>()
        .AddEmailProcessor<InvoiceProcessor>("invoices")
        .AddHealthChecks().AddCheck<InvoiceFolderCheck>("invoices");
    return builder.Build();
});
