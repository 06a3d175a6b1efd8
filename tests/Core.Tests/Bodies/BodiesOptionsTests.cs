using EmailIngestion.Bodies;
using EmailIngestion.Configuration;
using Xunit;

namespace EmailIngestion.Core.Tests.Bodies;

public sealed class BodiesOptionsTests
{
    private const string Key = "DefaultEndpointsProtocol=https;AccountName=account;AccountKey=c2VjcmV0";

    [Fact]
    public void The_defaults_are_valid() => Assert.Empty(Faults(new BodiesOptions()));

    [Fact]
    public void Each_store_with_its_place_is_valid()
    {
        Assert.Empty(Faults(new BodiesOptions { Store = BodyStoreKind.Folder, Folder = "/bodies" }));
        Assert.Empty(Faults(new BodiesOptions
        {
            Store = BodyStoreKind.AzureBlob,
            Container = "https://account.blob.core.windows.net/bodies/large",
        }));
        Assert.Empty(Faults(new BodiesOptions { Store = BodyStoreKind.AzureBlob, Container = "bodies", ConnectionString = Key }));
        // A change of the store: bodies of the former one are still read.
        Assert.Empty(Faults(
            new BodiesOptions { Store = BodyStoreKind.Redis, Folder = "/bodies", Container = "bodies", ConnectionString = Key }));
    }

    [Fact]
    public void Each_fault_names_its_setting()
    {
        Equal(new BodiesOptions { Store = BodyStoreKind.Folder }, "Bodies:Store is Folder, but Bodies:Folder is not set: ");
        Equal(
            new BodiesOptions { Store = BodyStoreKind.AzureBlob, Folder = "x" },
            "Bodies:Store is AzureBlob, but Bodies:Container is not set: ");
        Equal(new BodiesOptions { ConnectionString = Key }, "Bodies:ConnectionString is set, but Bodies:Container is not: ");
        Equal(new BodiesOptions { Container = "bodies" }, "Bodies:Container is 'bodies': it must be the https address of a container");
        Equal(new BodiesOptions { Container = "b", ConnectionString = Key }, "Bodies:Container names the container 'b': ");
        Equal(new BodiesOptions { InlineLimit = 0 }, "Bodies:InlineLimit is 0: it must be between 4096 and 16777216.");
        Equal(
            new BodiesOptions { OrphanAge = TimeSpan.FromMinutes(5) },
            "Bodies:OrphanAge is 00:05:00: it must be between 01:00:00 and 30.");
        Equal(new BodiesOptions { FileMode = "0444" }, "Bodies:FileMode is 0444: ");
        Equal(new BodiesOptions { FolderMode = "0600" }, "Bodies:FolderMode is 0600: ");
        Equal(new BodiesOptions { Store = (BodyStoreKind)9 }, "Bodies:Store is 9: it must be Redis, Folder or AzureBlob.");
    }

    [Fact]
    public void A_fault_does_not_repeat_the_connection_string() => Assert.DoesNotContain(
        "c2VjcmV0", Assert.Single(Faults(new BodiesOptions { ConnectionString = Key })), StringComparison.Ordinal);

    private static void Equal(BodiesOptions options, string fault) =>
        Assert.StartsWith(fault, Assert.Single(Faults(options)), StringComparison.Ordinal);

    private static string[] Faults(BodiesOptions options) =>
    [
        .. SettingsRules.Failures(options, BodiesOptions.Section),
        .. new BodiesOptionsRules().Validate(null, options).Failures ?? [],
    ];
}
