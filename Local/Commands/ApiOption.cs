using System.CommandLine;

namespace EmailIngestion.Local.Commands;

/// <summary>The flag that names the server of the functions.</summary>
internal static class ApiOption
{
    public static Option<string> Create(int port)
    {
        var api = new Option<string>("--api")
        {
            Description = "The server that metrics-api triggers are read from, instead of the manifest's. "
                + "It gets the key of EMAIL_INGESTION_KEY; without that, this machine gets the local key, and others none.",
            DefaultValueFactory = _ => $"http://localhost:{port}",
        };
        api.Validators.Add(result =>
        {
            if (!Uri.TryCreate(result.GetValueOrDefault<string>(), UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
                result.AddError("--api must be an http or https address, such as http://localhost:7071.");
        });
        return api;
    }
}
