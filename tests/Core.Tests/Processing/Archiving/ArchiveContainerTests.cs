using EmailIngestion.Processing;
using EmailIngestion.Processing.Archiving;
using Xunit;

namespace EmailIngestion.Core.Tests.Processing.Archiving;

public sealed class ArchiveContainerTests
{
    private const string Key = "DefaultEndpointsProtocol=https;AccountName=account;AccountKey=c2VjcmV0";

    [Theory]
    [InlineData("https://account.blob.core.windows.net/mail", "", "https://account.blob.core.windows.net/mail", "")]
    [InlineData("https://account.blob.core.windows.net/mail/", "", "https://account.blob.core.windows.net/mail", "")]
    [InlineData("https://account.blob.core.windows.net/mail/in/2024/", "", "https://account.blob.core.windows.net/mail", "in/2024/")]
    [InlineData("mail", Key, "https://account.blob.core.windows.net/mail", "")]
    [InlineData("mail/in/2024/", Key, "https://account.blob.core.windows.net/mail", "in/2024/")]
    public void An_address_or_a_name_is_a_container_and_a_folder(string container, string connectionString, string address, string prefix)
    {
        var options = new ArchiveOptions { Container = container, ConnectionString = connectionString };
        Assert.Null(ArchiveContainer.Fault(options));
        var opened = ArchiveContainer.Open(options);
        Assert.Equal(address, opened.Client.Uri.ToString());
        Assert.Equal(prefix, opened.Prefix);
    }

    [Theory]
    [InlineData("", "", "", null)]
    [InlineData("archive", "", "", null)]
    [InlineData("", "", Key, "Archive:ConnectionString is set, but Archive:Container is not")]
    [InlineData(
        "archive", "https://account.blob.core.windows.net/mail", "", "Archive:Folder is 'archive' and Archive:Container is set too")]
    [InlineData("", "mail", "", "Archive:Container is 'mail': it must be the https address of a container")]
    [InlineData("", "http://account.blob.core.windows.net/mail", "", "it must be the https address of a container")]
    [InlineData("", "https://account.blob.core.windows.net", "", "names the container ''")]
    [InlineData("", "https://account.blob.core.windows.net/Mail", "", "names the container 'Mail'")]
    [InlineData("", "https://account.blob.core.windows.net/a--b", "", "names the container 'a--b'")]
    [InlineData("", "https://account.blob.core.windows.net/mail/a%25b", "", "has a folder that is not valid")]
    [InlineData("", "https://account.blob.core.windows.net/mail/a//b", "", "has a folder that is not valid")]
    [InlineData("", "ab", Key, "names the container 'ab'")]
    [InlineData("", "mail\n", Key, "names the container 'mail\n'")]
    [InlineData("", "mail/../other", Key, "has a folder that is not valid")]
    [InlineData("", "mail/a\\b", Key, "has a folder that is not valid")]
    [InlineData("", "mail", "no connection string", "Archive:ConnectionString is not a connection string")]
    [InlineData("", "mail", "AccountName=account;AccountKey=c2Vj cmV0!", "Archive:ConnectionString is not a connection string")]
    [InlineData("", "mail", "BlobEndpoint=account;SharedAccessSignature=sig=s3cret", "Archive:ConnectionString is not a connection string")]
    [InlineData("", "mail", "QueueEndpoint=https://account.queue.core.windows.net;SharedAccessSignature=sig=s3cret",
        "Archive:ConnectionString is not a connection string")]
    public void A_fault_names_the_setting(string folder, string container, string connectionString, string? fault)
    {
        var found = ArchiveContainer.Fault(
            new ArchiveOptions { Folder = folder, Container = container, ConnectionString = connectionString });
        if (fault is null)
            Assert.Null(found);
        else
            Assert.Contains(fault, found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DefaultEndpointsProtocol=http;AccountName=account;AccountKey=c2VjcmV0", "account.blob.core.windows.net")]
    [InlineData("AccountName=account;AccountKey=c2VjcmV0;BlobEndpoint=http://192.0.2.1:10000/account", "192.0.2.1")]
    [InlineData("AccountName=account;AccountKey=c2VjcmV0;BlobEndpoint=HTTP://azurite.example.org/account", "azurite.example.org")]
    [InlineData("BlobEndpoint=http://localhost.example.org;SharedAccessSignature=sig=s3cret", "localhost.example.org")]
    public void Plain_text_to_another_machine_is_refused_unless_allowed(string connectionString, string host)
    {
        Assert.Equal(
            $"Archive:ConnectionString goes to '{host}' over http, where others can read the mail: "
                + "use https, or set Archive:AllowHttp=true if the network is trusted.",
            ArchiveContainer.Fault(new ArchiveOptions { Container = "mail", ConnectionString = connectionString }));
        Assert.Null(ArchiveContainer.Fault(
            new ArchiveOptions { Container = "mail", ConnectionString = connectionString, AllowHttp = true }));
    }

    [Theory]
    [InlineData("UseDevelopmentStorage=true")]
    [InlineData("AccountName=account;AccountKey=c2VjcmV0;BlobEndpoint=http://127.0.0.1:10000/account")]
    [InlineData("AccountName=account;AccountKey=c2VjcmV0;BlobEndpoint=http://[::1]:10000/account")]
    [InlineData("AccountName=account;AccountKey=c2VjcmV0;BlobEndpoint=http://localhost:10000/account")]
    public void Plain_text_to_this_machine_is_allowed(string connectionString) => Assert.Null(
        ArchiveContainer.Fault(new ArchiveOptions { Container = "mail", ConnectionString = connectionString }));

    [Fact]
    public void A_folder_has_at_most_500_characters()
    {
        Assert.Null(ArchiveContainer.Fault(new ArchiveOptions { Container = $"mail/{new string('x', 500)}", ConnectionString = Key }));
        Assert.Equal(
            "Archive:Container has a folder of 501 characters: at most 500 are allowed.",
            ArchiveContainer.Fault(new ArchiveOptions { Container = $"mail/{new string('x', 501)}", ConnectionString = Key }));
    }

    [Theory]
    [InlineData("https://account.blob.core.windows.net/mail?sv=2024&sig=s3cret")]
    [InlineData("http://account.blob.core.windows.net/mail?sv=2024&sig=s3cret")]
    [InlineData("https://user:s3cret@account.blob.core.windows.net/mail")]
    [InlineData("account.blob.core.windows.net/mail?sig=s3cret")]
    public void A_fault_does_not_repeat_a_secret(string container)
    {
        var fault = ArchiveContainer.Fault(new ArchiveOptions { Container = container });
        Assert.StartsWith("Archive:Container must ", fault, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", fault, StringComparison.Ordinal);
    }
}
