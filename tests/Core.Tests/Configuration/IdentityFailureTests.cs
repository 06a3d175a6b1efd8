using Azure.Identity;
using EmailIngestion.Configuration;
using Microsoft.Identity.Client;
using Xunit;

namespace EmailIngestion.Core.Tests.Configuration;

/// <summary>What a failed sign-in by Azure.Identity says.</summary>
public sealed class IdentityFailureTests
{
    [Theory]
    [InlineData("AADSTS700016: The application was not found.", "check AZURE_CLIENT_ID and AZURE_TENANT_ID")]
    [InlineData("AADSTS90002: The tenant was not found.", "check AZURE_TENANT_ID and AZURE_AUTHORITY_HOST")]
    [InlineData("AADSTS700213: No matching record.", "give the identity a federated credential for this service account")]
    [InlineData("AADSTS70021: No matching record.", "give the identity a federated credential for this service account")]
    [InlineData("AADSTS7000215: The secret is invalid.", "check AZURE_CLIENT_SECRET")]
    public void An_error_code_comes_with_what_to_do(string text, string advice) => Assert.Equal(
        $"invalid_client: {text.TrimEnd('.')}; {advice}", IdentityFailure.Of(Refused("invalid_client", text)));

    [Fact]
    public void Advice_of_the_library_before_the_code_is_left_out() => Assert.Equal(
        "invalid_client: AADSTS1: No; correlation", IdentityFailure.Of(
            Refused("invalid_client", "A configuration issue is preventing authentication. Original exception: AADSTS1: No; correlation")));

    [Fact]
    public void An_unknown_code_is_shown_as_it_is() => Assert.Equal(
        "invalid_grant: AADSTS1: Something else", IdentityFailure.Of(Refused("invalid_grant", "AADSTS1: Something else.")));

    [Fact]
    public void Without_an_answer_the_innermost_cause_is_shown() => Assert.Equal(
        "Connection refused (127.0.0.1:9)",
        IdentityFailure.Of(new AuthenticationFailedException(
            "It failed: ", new HttpRequestException("An error.", new IOException("Connection refused (127.0.0.1:9)")))));

    [Fact]
    public void A_machine_without_an_identity_learns_how_to_get_one() => Assert.StartsWith(
        "this machine has no identity: give it a workload identity",
        IdentityFailure.Of(new CredentialUnavailableException("DefaultAzureCredential failed.\n- EnvironmentCredential …")),
        StringComparison.Ordinal);

    [Fact]
    public void Hostile_text_is_one_bounded_line()
    {
        var text = IdentityFailure.Of(Refused("code", $"first\r\nsecond\u001b[31m{new string('x', 100_000)}"));
        Assert.DoesNotContain(text, char.IsControl);
        Assert.InRange(text.Length, 10, 400);
    }

    private static AuthenticationFailedException Refused(string code, string text) =>
        new("ClientAssertionCredential authentication failed: ", new MsalServiceException(code, text));
}
