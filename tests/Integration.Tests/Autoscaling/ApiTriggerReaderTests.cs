using EmailIngestion.Configuration;
using EmailIngestion.Local.Autoscaling;
using Xunit;

namespace EmailIngestion.Integration.Tests.Autoscaling;

/// <summary>Tests metrics-api triggers of a manifest.</summary>
public sealed class ApiTriggerReaderTests
{
    private const string Manifest = """
        apiVersion: keda.sh/v1alpha1
        kind: ScaledObject
        metadata: { name: x }
        spec:
          scaleTargetRef: { name: x }
          triggers:
          - type: metrics-api
            metadata:
              url: http://admin.mail.svc/api/scaler?partition=mail
              valueLocation: numbers.lag
              targetValue: "100"
              activationTargetValue: "3"
              authMode: apiKey
              keyParamName: x-functions-key
            authenticationRef: { name: key }
        """;

    [Fact]
    public void Everything_that_decides_is_read() => Assert.Equal(
        new Trigger
        {
            Name = "numbers.lag",
            Kind = TriggerKind.Api,
            Api = new ApiAddress(new Uri("http://admin.mail.svc/api/scaler?partition=mail"), ["numbers", "lag"], "x-functions-key"),
            Target = 100,
            Activation = 3,
        },
        Assert.Single(ScaledObjectReader.Read(Manifest, "file.yaml").Triggers));

    [Theory]
    [InlineData("keyParamName: x-functions-key", "method: header", "X-API-KEY")]
    [InlineData("authMode: apiKey", "", null)]
    public void Without_a_name_the_key_has_KEDAs_header_and_without_a_mode_none_is_sent(string right, string other, string? header) =>
        Assert.Equal(
            header,
            Assert.Single(ScaledObjectReader.Read(Manifest.Replace(right, other, StringComparison.Ordinal), "file.yaml").Triggers)
                .Api!.KeyHeader);

    [Theory]
    [InlineData("targetValue: \"100\"", "", "metadata.targetValue is missing.")]
    [InlineData("targetValue: \"100\"", "targetValue: \"0\"", "metadata.targetValue is 0: it must be 1 or more.")]
    [InlineData("targetValue: \"100\"", "targetValue: \"8.8\"", "metadata.targetValue must be a whole number here, and is 8.8.")]
    [InlineData("targetValue: \"100\"", "targetValue: 100", "metadata.targetValue must be a text: \"100\", with quotation marks.")]
    [InlineData("url: http://admin.mail.svc/api/scaler?partition=mail", "", "metadata.url is missing.")]
    [InlineData(
        "url: http://admin.mail.svc/api/scaler?partition=mail", "url: admin", "metadata.url is admin, which is no http or https address.")]
    [InlineData("valueLocation: numbers.lag", "", "metadata.valueLocation is missing.")]
    [InlineData(
        "valueLocation: numbers.lag", "valueLocation: \"a.#(b)\"",
        "metadata.valueLocation is a.#(b): only names with dots between them are supported here.")]
    [InlineData("authMode: apiKey", "authMode: bearer", "metadata.authMode is bearer: only apiKey is supported here.")]
    [InlineData("authMode: apiKey", "format: xml", "metadata.format is xml: only json is supported here.")]
    [InlineData("keyParamName: x-functions-key", "method: query", "metadata.method is query: only header is supported here.")]
    [InlineData("keyParamName: x-functions-key", "keyParamname: x", "metadata.keyParamname is not known; keyParamName is.")]
    [InlineData("authenticationRef: { name: key }", "name: lag", "authenticationRef is missing: it has the key.")]
    public void An_error_is_one_line_that_names_the_field(string right, string wrong, string line) => Assert.Equal(
        $"file.yaml: spec.triggers[0].{line}",
        Assert.Throws<SettingsException>(
            () => ScaledObjectReader.Read(Manifest.Replace(right, wrong, StringComparison.Ordinal), "file.yaml")).Message);

    [Theory]
    [InlineData("""{"lag":5}""", 5L, null)]
    [InlineData("""{"lag":-1}""", -1L, null)]
    [InlineData("""{"lag":null}""", null, "lag is no whole number, but Null")]
    [InlineData("""{"lag":1.5}""", null, "lag is no whole number, but Number")]
    [InlineData("""{"lag":"5"}""", null, "lag is no whole number, but String")]
    [InlineData("""{"pending":5}""", null, "the answer has no lag")]
    [InlineData("[1]", null, "the answer has no lag")]
    [InlineData("<html>", null, "the answer is not JSON")]
    public async Task An_answer_is_a_number_or_one_short_error(string answer, long? value, string? error)
    {
        using var client = new HttpClient(new OneAnswer(answer));
        var trigger = new Trigger
        {
            Name = "lag",
            Kind = TriggerKind.Api,
            Api = new ApiAddress(new Uri("http://a/b?c=d"), ["lag"], "key"),
            Target = 1,
        };
        var reading = await new ApiTriggers(client, new Uri("http://localhost:1"), () => "secret", TimeProvider.System)
            .ReadAsync(trigger, CancellationToken.None);
        Assert.Equal((value, error, false), (reading.Value, reading.Error, reading.IsUnreachable));
    }

    private sealed class OneAnswer(string answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.Equal("http://localhost:1/b?c=d", request.RequestUri!.ToString());
            Assert.Equal("secret", Assert.Single(request.Headers.GetValues("key")));
            return Task.FromResult(new HttpResponseMessage { Content = new StringContent(answer) });
        }
    }
}
