using System.Net;
using System.Text.Json;
using Xunit;

namespace EmailIngestion.Functions.Tests.Support;

/// <summary>Checks that an error is problem details (RFC 9457).</summary>
internal static class Problems
{
    public static async Task AssertAsync(HttpResponseMessage response, HttpStatusCode status, string says)
    {
        using (response)
        {
            var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True(status == response.StatusCode, $"{response.StatusCode}: {body}");
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            using var json = JsonDocument.Parse(body);
            Assert.Equal((int)status, json.RootElement.GetProperty("status").GetInt32());
            Assert.NotEmpty(json.RootElement.GetProperty("title").GetString()!);
            Assert.Contains(says, json.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }
}
