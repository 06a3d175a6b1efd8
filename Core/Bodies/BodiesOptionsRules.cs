using EmailIngestion.Storage;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Bodies;

/// <summary>Validates that the store of bodies has its folder or its container.</summary>
internal sealed class BodiesOptionsRules : IValidateOptions<BodiesOptions>
{
    public ValidateOptionsResult Validate(string? name, BodiesOptions options)
    {
        string?[] faults = [StoreFault(options), ContainerFault(options)];
        return faults.OfType<string>().ToArray() is { Length: > 0 } found
            ? ValidateOptionsResult.Fail(found)
            : ValidateOptionsResult.Success;
    }

    private static string? StoreFault(BodiesOptions options) => options.Store switch
    {
        BodyStoreKind.Folder when options.Folder.Length == 0 =>
            "Bodies:Store is Folder, but Bodies:Folder is not set: it must be a folder that all pollers and consumers share.",
        BodyStoreKind.AzureBlob when options.Container.Length == 0 =>
            "Bodies:Store is AzureBlob, but Bodies:Container is not set: it must be the https address of a container.",
        _ => null,
    };

    private static string? ContainerFault(BodiesOptions options)
    {
        if (options.Container.Length > 0)
            return BlobContainer.Fault(BodiesOptions.Section, options.Container, options.ConnectionString, options.AllowHttp);
        return options.ConnectionString.Length > 0
            ? "Bodies:ConnectionString is set, but Bodies:Container is not: it must be the container's name."
            : null;
    }
}
