using System.Text;

namespace EmailIngestion.Functions.Tests.Http;

/// <summary>Makes hostile requests, the same for each seed. The server must refuse all of them.</summary>
internal sealed class HostileRequests(int seed, string key)
{
    private static readonly string[] Paths = [
        "/api/status", "/api/scaler", "/api/dlq", "/api/dlq/1-0", "/api/dlq/1-0/raw", "/api/health/live", "/api/health/ready"];

    private static readonly string[] Methods =
        ["PUT", "PATCH", "TRACE", "OPTIONS", "PROPFIND", "X", "M-SEARCH", new string('A', 300), new string('B', 9000), "GET,POST",
            "G\u00cbT", "GE\0T", "\"GET\"", " GET"];

    private static readonly string[] Versions = [
        "HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/3", "HTTP/1.1 ", "http/1.1", "HTTP/", "1.1", "HTTP/1.1\0", ""];

    private static readonly string[] Ids =
    [
        "-", "--", "1", "1-", "-1", "1-0-0", "1--0", "+1-0", "%201-0", "1-0%20", "1-0%00", "%001-0", "1%00-0", "0x1-0", "1e3-0", "1.0-0",
        "%D9%A1-%D9%A0",
        "%EF%BC%91-0", "99999999999999999999-0", "0-99999999999999999999", "18446744073709551615-18446744073709551615", "*", "$", "%3E",
        "%2B", "..%2f..%2fetc%2fpasswd",
        "%2e%2e%2f1-0", "....//1-0", "%c0%ae%c0%ae", "%C0%AF", "%ff%fe", "%ed%a0%80", "%zz", "%", "%0d%0aX-Injected:%20yes", "%0aDEL%20x",
        "'%20OR%201=1", "%3Cscript%3E",
        "%7B%7B7*7%7D%7D", "${jndi:ldap://x}", "%F0%9F%93%A7", "%E2%80%AE1-0", "nul", "con", "~", ".git%2Fconfig",
    ];

    private static readonly string[] Limits =
        ["0", "-1", "1001", "999999999999", "1e2", "0x10", "5.0", "5%2C0", "%2B5", "%205", "5%20", "5%00", "%005", "%EF%BC%95", "five",
            "NaN", "1&limit=2", "%", "true", "2147483648"];

    private static readonly string[] Others = ["no-such", "%00", "..", "%2F", "x&partition=y", "%D8%A7", "{x}", "a:b", "*"];

    private static readonly string[] Headers =
    [
        "No colon here", ": no name", "Bad Name: x", "X-Nul: a\0b", "X-Space : x", "Host: second.example", "Content-Length: -1",
        "Content-Length: 99999999999999999999",
        "Content-Length: 1, 2", "Content-Length: x", "Content-Length: 65537", "Content-Length: 4294967296", "Transfer-Encoding: nonsense",
        "Transfer-Encoding: chunked, gzip",
        $"X-Long: {new string('x', 20_000)}", $"Cookie: {new string(';', 17_000)}", "\0: x", "X\u00c4: x", " folded: x",
    ];

    private readonly Random _random = new(seed);

    /// <summary>Makes at least twelve requests of every kind, with values from the seed.</summary>
    public IEnumerable<(string Name, byte[] Bytes)> All()
    {
        for (var i = 0; i < 16; i++)
        {
            yield return Of("method", Request(Some(Methods), Some(Paths)));
            yield return Of("version", Request("GET", Some(Paths), version: Some(Versions)));
            yield return Of("id", Request(Some("GET", "DELETE"), $"/api/dlq/{Some(Ids)}"));
            yield return Of("id", Request("GET", $"/api/dlq/{Some(Ids)}/raw"));
            yield return Of("id", Request("POST", $"/api/dlq/{Some(Ids)}/replay"));
            yield return Of("limit", Request("GET", $"/api/dlq?limit={Some(Limits)}"));
            yield return Of("after", Request("GET", $"/api/dlq?after={Some(Ids)}"));
            yield return Of("partition", Request(Some("GET", "DELETE"), $"/api/dlq/1-0?partition={Some(Others)}"));
            yield return Of("header", Request("GET", Some(Paths), Some(Headers)));
            yield return Of(
                "header flood", Request("GET", Some(Paths), [.. Enumerable.Range(0, 65 + _random.Next(2000)).Select(n => $"X-{n}: {n}")]));
            yield return Of("huge query", Request("GET", $"/api/dlq?limit={new string('9', 100 + _random.Next(20_000))}"));
            yield return Of("huge path", Request("GET", $"/api/dlq/{new string('1', 100 + _random.Next(20_000))}"));
            yield return Of("path", Request("GET", Path()));
            yield return Of(
                "key", Request("GET", "/api/status", $"x-functions-key: {Noise(40)}").Replace(key, Noise(3), StringComparison.Ordinal));
            yield return ("noise", Bytes(1 + _random.Next(3000)));
        }
    }

    private string Path()
    {
        var parts = Enumerable.Range(0, 1 + _random.Next(6))
            .Select(_ => Some([.. Ids, "..", ".", "", "api", "admin", "runtime", "PollMailboxes"]));
        return $"/{string.Join('/', parts)}/{Some("nothing", "etc/passwd", "keys.json", "web.config")}";
    }

    private string Request(string method, string target, params string[] headers) => Request(method, target, "HTTP/1.1", headers);

    private string Request(string method, string target, string version, params string[] headers) =>
        $"{method} {target} {version}\r\nHost: localhost\r\nx-functions-key: {key}\r\nConnection: close\r\n"
        + $"{string.Concat(headers.Select(header => $"{header}\r\n"))}\r\n";

    private string Noise(int length) => string.Concat(Enumerable.Range(0, length).Select(_ => (char)_random.Next('!', '~')));

    // Ends like a request; otherwise the server would wait for the rest.
    private byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        _random.NextBytes(bytes);
        return [.. bytes, .. "\r\n\r\n"u8];
    }

    private string Some(params string[] of) => of[_random.Next(of.Length)];

    private static (string Name, byte[] Bytes) Of(string name, string request) => (name, Encoding.Latin1.GetBytes(request));
}
