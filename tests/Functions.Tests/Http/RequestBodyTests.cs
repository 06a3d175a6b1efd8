using System.Text;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace EmailIngestion.Functions.Tests.Http;

/// <summary>The rules for the body of a change.</summary>
public sealed partial class RequestBodyTests
{
    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=UTF-8")]
    public async Task A_body_is_read(string contentType)
    {
        var (body, refusal) = await ReadAsync("""{"name":"a","inner":{"number":3}}""", contentType);
        Assert.Null(refusal);
        Assert.Equal(new Sample("a", new Inner(3)), body);
    }

    [Theory]
    [InlineData("{}", "text/plain", 415, "'text/plain'")]
    [InlineData("{}", null, 415, "application/json")]
    [InlineData("{}", "application/json; charset=utf-16", 415, "utf-16")]
    [InlineData("", "application/json", 400, "JSON object")]
    [InlineData("null", "application/json", 400, "JSON object")]
    [InlineData("[]", "application/json", 400, "JSON object")]
    [InlineData("{", "application/json", 400, "JSON object")]
    [InlineData("""{"name":"a","name":"b"}""", "application/json", 400, "each field once")]
    [InlineData("""{"nam":"a"}""", "application/json", 400, "nam is not a field")]
    [InlineData("""{"inner":{"numbr":3}}""", "application/json", 400, "inner.numbr is not a field")]
    [InlineData("""{"inner":{"number":"three"}}""", "application/json", 400, "inner.number")]
    [InlineData("""{"\ud800":"a"}""", "application/json", 400, "surrogate")]
    [InlineData("""{"name":"\udc00"}""", "application/json", 400, "name does not have the right type")]
    [InlineData("""{"inner":{"\ud800":3}}""", "application/json", 400, "surrogate")]
    [InlineData("""{"name":3}""", "application/json", 400, "name does not have the right type")]
    public async Task A_wrong_body_is_refused(string text, string? contentType, int status, string says)
    {
        var (body, refusal) = await ReadAsync(text, contentType);
        Assert.Null(body);
        var (answered, detail) = await AnswerAsync(refusal!);
        Assert.Equal(status, answered);
        Assert.Contains(says, detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_not_read_on()
    {
        var (body, refusal) = await ReadAsync($$"""{"name":"{{new string('x', 70_000)}}"}""", "application/json");
        Assert.Null(body);
        Assert.Equal(413, (await AnswerAsync(refusal!)).Status);
    }

    private static Task<(Sample? Body, IResult? Refusal)> ReadAsync(string text, string? contentType)
    {
        var request = new DefaultHttpContext().Request;
        request.ContentType = contentType;
        request.Body = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return FunctionRequests.ReadAsync(request, SampleJson.Default.Sample, TestContext.Current.CancellationToken);
    }

    private static async Task<(int Status, string Detail)> AnswerAsync(IResult result)
    {
        var context = new DefaultHttpContext { RequestServices = new NoServices() };
        using var body = new MemoryStream();
        context.Response.Body = body;
        await result.ExecuteAsync(context);
        return (context.Response.StatusCode, Encoding.UTF8.GetString(body.ToArray()));
    }

    internal sealed record Inner(int Number);

    internal sealed record Sample(string? Name, Inner? Inner);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(Sample))]
    internal sealed partial class SampleJson : JsonSerializerContext;

    private sealed class NoServices : IServiceProvider
    {
        public object? GetService(Type serviceType) =>
            serviceType == typeof(Microsoft.Extensions.Logging.ILoggerFactory)
                ? Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance
                : null;
    }
}
